"""What can be wrong with a question put to a calculator?

    CalculatorError             code, parameters, suggestions
    ├── FileError               a file that cannot be used as a whole
    │   ├── UnreadableFile      unreadable_file
    │   ├── UnknownColumns      unknown_columns (names what was found)
    │   ├── MissingColumn       missing_column
    │   ├── UnknownHeading      unknown_heading
    │   ├── UnknownOption       unknown_option
    │   ├── FilesNeeded         files_needed
    │   ├── BrokenEncoding      broken_encoding
    │   ├── RowTooLong          row_too_long
    │   ├── OpenQuote           open_quote
    │   ├── WorkbookTooLarge    workbook_too_large
    │   ├── TooManyValues       too_many_values
    │   ├── MissingExtra        missing_extra
    │   └── BadManifest         bad_manifest
    ├── SoilRefused             many codes, with row and column (calculators/soil/refusals.py)
    └── FlightError
        ├── UnknownPlace        unknown_place
        ├── AmbiguousPlace      ambiguous_place (candidates)
        ├── SamePlace           same_place
        ├── UnknownCabin        unknown_cabin
        │   └── NoCabin         no_cabin
        ├── UnknownAircraft     unknown_aircraft
        ├── UnknownMethod       unknown_method
        ├── UnknownDataset      unknown_dataset
        ├── TravellersOutOfRange  travellers_out_of_range
        ├── LegsOutOfRange      legs_out_of_range
        ├── RouteMissing        route_missing
        ├── DistanceOutOfRange  distance_out_of_range
        ├── AircraftNeeded      aircraft_needed
        ├── ColumnsDiffer       columns_differ
        ├── UnknownTreatment    unknown_treatment
        ├── InvalidOperatorData invalid_operator_data
        └── InvalidOverride     invalid_override

An error carries a stable code and parameters; the sentence for a reader is written elsewhere.
``str(error)`` is a plain English line for the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calculators.flight.airports import Place


class CalculatorError(ValueError):
    """A question that a calculator cannot answer as it was put.

    Parameters
    ----------
    parameters : Mapping[str, str | int | float]
        What the sentence for a reader needs: the value given, the limits.
    suggestions : tuple[str, ...]
        Nearest answers that exist, best first.
    """

    code: ClassVar[str] = "calculator_error"
    sentence: ClassVar[str] = "The question cannot be answered."

    def __init__(
        self,
        parameters: Mapping[str, str | int | float] | None = None,
        suggestions: tuple[str, ...] = (),
    ) -> None:
        self.parameters = dict(parameters or {})
        self.suggestions = suggestions
        super().__init__(str(self))

    def __str__(self) -> str:
        line = self.sentence.format(**self.parameters)
        if self.suggestions:
            line += f" Did you mean {' or '.join(self.suggestions[:3])}?"
        return line


class FlightError(CalculatorError):
    """A question about a flight that cannot be answered as it was put."""

    code = "flight_error"


class UnknownPlace(FlightError):
    """No airport, city or code has this name."""

    code = "unknown_place"
    sentence = "No airport or city is called {given!r}."


class AmbiguousPlace(FlightError):
    """Several places have this name and none of them is plainly the one meant."""

    code = "ambiguous_place"
    sentence = "{given!r} can be several places."

    def __init__(
        self, parameters: Mapping[str, str | int | float], candidates: tuple[Place, ...]
    ) -> None:
        self.candidates = candidates
        super().__init__(parameters, tuple(f"{p.code} ({p.name})" for p in candidates))


class SamePlace(FlightError):
    """A leg that begins and ends at the same place."""

    code = "same_place"
    sentence = "A leg from {origin} to {destination} begins and ends at the same place."


class UnknownCabin(FlightError):
    """A cabin word that is not one of economy, premium, business, first."""

    code = "unknown_cabin"
    sentence = "No cabin is called {given!r}."


class NoCabin(UnknownCabin):
    """A booking letter that the published table gives to no cabin."""

    code = "no_cabin"
    sentence = "The letter {given!r} has no cabin in the table ({letters} have none): name a cabin."


class UnknownAircraft(FlightError):
    """An aircraft code that the data set does not hold."""

    code = "unknown_aircraft"
    sentence = "No aircraft type has the code {given!r}."


class UnknownMethod(FlightError):
    """A method id that does not exist."""

    code = "unknown_method"
    sentence = "No method has the id {given!r}."


class UnknownDataset(FlightError):
    """A data set id that this release does not hold."""

    code = "unknown_dataset"
    sentence = "No data set has the id {given!r}."


class TravellersOutOfRange(FlightError):
    """A number of travellers below one or above the limit."""

    code = "travellers_out_of_range"
    sentence = "The number of travellers must lie between {least} and {most}, not {given}."


class LegsOutOfRange(FlightError):
    """An itinerary without a leg or with too many."""

    code = "legs_out_of_range"
    sentence = "An itinerary must have between {least} and {most} legs, not {given}."


class RouteMissing(FlightError):
    """A row that gives neither a route nor a distance."""

    code = "route_missing"
    sentence = "A route needs at least two places, or a distance."


class DistanceOutOfRange(FlightError):
    """A distance given in place of a route that no flight has."""

    code = "distance_out_of_range"
    sentence = "The distance must lie between {least:g} and {most:g} km, not {given}."


class AircraftNeeded(FlightError):
    """A method that cannot answer without an aircraft of its own kind."""

    code = "aircraft_needed"
    sentence = "The method {method} needs an aircraft."


class ColumnsDiffer(FlightError):
    """Columns of a batch that are not of one length, or none at all."""

    code = "columns_differ"
    sentence = "The columns of a batch must have one length: {lengths}."


class UnknownTreatment(FlightError):
    """An id of a treatment of non-CO2 effects that the data set does not hold."""

    code = "unknown_treatment"
    sentence = "No treatment of non-CO2 effects has the id {given!r}."


class InvalidOperatorData(FlightError):
    """A file of an operator's own data that cannot be used as it is."""

    code = "invalid_operator_data"
    sentence = "{file}, row {row}, column {column}: must be {rule}, not {given!r}."


class InvalidOverride(FlightError):
    """A value given in place of a default that lies outside what is possible."""

    code = "invalid_override"
    sentence = "{name} must be {rule}, not {given}."


class FileError(CalculatorError):
    """A file that cannot be used as a whole; a bad row alone never raises it."""

    code = "file_error"


class UnreadableFile(FileError):
    """A file that does not exist, is empty or is not of its kind."""

    code = "unreadable_file"
    sentence = "{path}: {reason}."


class UnknownColumns(FileError):
    """A file in which neither a route nor a distance is found."""

    code = "unknown_columns"
    sentence = (
        "No column for a route (origin and destination, or routing) or a distance_km."
        " Found: {found}. Name them with --column, for example --column origin=NAME."
    )


class MissingColumn(FileError):
    """A column that an option needs and the file does not have."""

    code = "missing_column"
    sentence = "{option} needs a column {column!r}. Found: {found}."


class UnknownHeading(FileError):
    """A heading assigned to a column that the file does not have."""

    code = "unknown_heading"
    sentence = "No column is headed {given!r}, which was to be read as {column}."


class UnknownOption(FileError):
    """A value that an option does not know."""

    code = "unknown_option"
    sentence = "{given!r} is not a value of {name}."


class FilesNeeded(FileError):
    """A command without the file to read or the file to write."""

    code = "files_needed"
    sentence = "Give the file to read and the file to write: calculators flights IN OUT."


class BrokenEncoding(FileError):
    """Bytes that are not of the encoding a file is read in."""

    code = "broken_encoding"
    sentence = "After row {row} come bytes that are not {encoding}: {given}. Try --encoding."


class RowTooLong(FileError):
    """A row beyond any spreadsheet's, most likely not a table at all."""

    code = "row_too_long"
    sentence = "Row {row} is longer than {most:,} characters; it begins {given!r}."


class OpenQuote(FileError):
    """A quoted cell that never ends, so that the rows after it cannot be told apart."""

    code = "open_quote"
    sentence = "The quote opened in row {row} is never closed; the row begins {given!r}."


class WorkbookTooLarge(FileError):
    """A workbook that would unpack to more than is allowed."""

    code = "workbook_too_large"
    sentence = "{path} has {given:,} {what}, at most {most:,} are read; save it as CSV."


class TooManyValues(FileError):
    """A summary by a column that has too many different values."""

    code = "too_many_values"
    sentence = "Column {column!r} has more than {most:,} different values, at row {row} {given!r}."


class MissingExtra(FileError):
    """A kind of file whose reader is not installed."""

    code = "missing_extra"
    sentence = "Files of kind {kind} need: pip install offset-platform[{kind}]."


class BadManifest(FileError):
    """A manifest that is not one, or that this release cannot follow."""

    code = "bad_manifest"
    sentence = "{path} cannot be verified: {reason}."
