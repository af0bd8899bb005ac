"""The errors a user is meant to read: one sentence that names the place, the value and the remedy."""


class ObservatoireError(Exception):
    """A refusal with a reason a person can act on; the command line prints it without a traceback."""


def taken_back(place: str) -> str:
    """Returns, in French, how one item of a backup is put back; `place` is its place in the programme folder."""
    return f"le reprendre d'une sauvegarde ({putting_back(place)})"


def putting_back(place: str) -> str:
    """Returns, between French quotes, the command that puts one item of a backup back in place of what is there."""
    return f"« observatoire restore FICHIER --seulement {place} --remplacer »"


class ProgrammeError(ObservatoireError):
    """The programme folder (programme.yaml, reference data) cannot be used as it stands."""


class ContractError(ObservatoireError):
    """A contract file cannot be used as it stands."""


class DeliveryError(ObservatoireError):
    """A delivered file is refused as a whole.

    Attributes:
        rule: code of the broken rule, one row of `obs_qualite`.
    """

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class DepotError(ObservatoireError):
    """A place that deliveries are fetched from does not answer, or not as it should; the sentence quotes no account.

    Attributes:
        gone: whether what was asked for is no longer there.
    """

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


class PublicationRefused(ObservatoireError):
    """The candidate was not published; what readers see has not changed."""


class NothingAccepted(PublicationRefused):
    """No delivery is accepted: there is nothing to build. The message names each delivery with its reason."""
