"""The program's wait for its own registrations."""

import asyncio

from core.sdk import settled


def test_it_waits_for_tasks_that_begin_others() -> None:
    """A resource registers when the one before it has an answer."""
    finished: list[int] = []

    async def registered(number: int) -> None:
        await asyncio.sleep(0.01)
        if number < 3:
            asyncio.get_running_loop().create_task(registered(number + 1))
        finished.append(number)

    async def program() -> None:
        asyncio.get_running_loop().create_task(registered(1))
        await settled()

    asyncio.run(program())
    assert finished == [1, 2, 3]


def test_it_does_not_wait_after_a_failure() -> None:
    """Who waits for a failed resource might wait for ever; the SDK ends the program."""

    async def fails() -> None:
        raise ValueError

    async def program() -> float:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        tasks = [loop.create_task(fails()), loop.create_task(asyncio.sleep(60))]
        await settled()
        assert isinstance(tasks[0].exception(), ValueError)
        tasks[1].cancel()
        return loop.time() - begin

    assert asyncio.run(program()) < 1
