"""A stack that cannot be loaded, and what it says."""

from collections.abc import Callable

import pulumi
import pytest

from core.load import Stack


def problems(loaded: Callable[..., Stack], **values: str) -> str:
    """Text of the error, without its first line."""
    with pytest.raises(pulumi.RunError) as error:
        loaded(**values)
    return str(error.value).partition("\n")[2]
