"""Uploads files, which messages then show.

Source: https://docs.slack.dev/messaging/working-with-files#upload.
"""

import aiohttp

from adapters.slack.api.client import ApiClient
from adapters.slack.api.errors import NotSent, ResponseLost
from bot.model.attachment import Attachment
from bot.model.picture import Picture

_TIMEOUT = aiohttp.ClientTimeout(total=20)


async def upload(
    api: ApiClient,
    session: aiohttp.ClientSession,
    workspace: str,
    file: Picture | Attachment,
    channel: str = "",
) -> str:
    """Return the id of an uploaded file, shown in a channel; without one, nowhere yet.

    Raises TryLater, Refused (also where the scope files:write is missing) or Unknown.
    """
    place = await api.read(
        "files.getUploadURLExternal", workspace,
        filename=file.name, length=str(len(file.content)),
    )  # fmt: skip
    number = str(place["file_id"])
    try:
        async with session.post(
            str(place["upload_url"]),
            data=file.content,
            timeout=_TIMEOUT,
            proxy=api.proxy,
            allow_redirects=False,
        ) as response:
            if not response.ok:
                raise api.to_exception(ResponseLost(), is_repeatable=True)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise api.to_exception(NotSent(), is_repeatable=True) from error
    said: dict[str, object] = {"files": [{"id": number, "title": file.name}]}
    if channel:
        said["channel_id"] = channel
    await api.write("files.completeUploadExternal", workspace, said, is_repeatable=True)
    return number
