"""Reading a short answer from another system, for doors that need one to know who knocks."""

import aiohttp

LONGEST = 64 * 1024
SECONDS = 5.0


async def fetched(address: str) -> bytes:
    """What stands at an address that has been looked at before: no redirect is followed, and no more than 64 KB are
    read. Raises OSError."""
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(address, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise OSError(f"the answer is {answer.status}")
            return await answer.content.read(LONGEST)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise OSError(str(error)) from None
