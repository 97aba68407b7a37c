"""Uploads files, which messages then show.

Source: https://docs.slack.dev/messaging/working-with-files#upload.
"""

import aiohttp

from adapters.slack.api.client import ApiClient
from adapters.slack.api.errors import NotSent, ResponseLost
from bot.model.picture import Picture

_TIMEOUT = aiohttp.ClientTimeout(total=20)


async def upload(
    api: ApiClient, session: aiohttp.ClientSession, workspace: str, picture: Picture
) -> str:
    """Return the id of an uploaded file, which no channel has yet.

    Raises TryLater, Refused (also where the scope files:write is missing) or Unknown.
    """
    place = await api.read(
        "files.getUploadURLExternal", workspace,
        filename=picture.name, length=str(len(picture.content)),
    )  # fmt: skip
    file = str(place["file_id"])
    try:
        async with session.post(
            str(place["upload_url"]),
            data=picture.content,
            timeout=_TIMEOUT,
            proxy=api.proxy,
            allow_redirects=False,
        ) as response:
            if not response.ok:
                raise api.to_exception(ResponseLost(), is_repeatable=True)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise api.to_exception(NotSent(), is_repeatable=True) from error
    said = {"files": [{"id": file, "title": picture.name}]}
    await api.write("files.completeUploadExternal", workspace, said, is_repeatable=True)
    return file
