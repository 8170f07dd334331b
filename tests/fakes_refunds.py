"""Which gateway do tests of refunds ask? One on the fake processor, which may be away or say no."""

from dataclasses import dataclass, field, replace

from offset.errors import InvalidInput, TryLater
from offset.giving.ports import RefundFacts, RefundRequest
from tests.fakes_giving import FakeProcessor


@dataclass
class FakeRefunds:
    """Gives back at once, or as told: ``away``, ``refuses``, ``pending``, ``loses`` the answer."""

    processor: FakeProcessor
    mood: str = ""
    asked: list[str] = field(default_factory=list)

    def refund(self, request: RefundRequest) -> RefundFacts:
        self.asked.append(request.refund_id)
        if self.mood == "away":
            raise TryLater("processor_unreachable")
        if self.mood == "refuses":
            raise InvalidInput("processor_refused", reason="charge_already_refunded")
        found = self.find(request)
        if found is None:
            found = self._made(request)
        if self.mood == "loses":
            raise TryLater("processor_unreachable")
        return found

    def find(self, request: RefundRequest) -> RefundFacts | None:
        for one in self.processor.things.values():
            if isinstance(one, RefundFacts) and one.ours == request.refund_id:
                return one
        return None

    def _made(self, request: RefundRequest) -> RefundFacts:
        number = len(self.asked)
        name = f"re_{request.charge_id}_{number}"
        if self.mood == "pending":
            facts = RefundFacts(
                refund_id=name,
                charge_id=request.charge_id,
                payment_intent_id=None,
                status="pending",
                presented=request.amount,
                movements=(),
                ours=request.refund_id,
                pending_reason="insufficient_funds",
            )
        else:
            settled = request.amount.minor * self.processor.rate // 100
            self.processor.refund(request.charge_id, settled, number=number)
            made = self.processor.things[name]
            assert isinstance(made, RefundFacts)
            facts = replace(made, ours=request.refund_id, presented=request.amount)
        self.processor.things[name] = facts
        return facts
