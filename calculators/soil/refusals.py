"""When does soil arithmetic refuse to answer?"""


class SoilRefused(ValueError):
    """A question that the method cannot answer honestly.

    Parameters
    ----------
    code
        A stable word such as ``no_default``; the caller turns it into a sentence.
    parameters
        What the sentence needs.
    """

    def __init__(self, code: str, /, **parameters: object) -> None:
        told = ", ".join(f"{name}={value}" for name, value in sorted(parameters.items()))
        super().__init__(f"{code} ({told})" if told else code)
        self.code = code
        self.parameters = parameters
