"""Everything that CONTRACT.md says of the socket, said by Python's websockets.

The environment has URL, TOKEN, OTHER_TOKEN, TICKET and USER; a line on the
standard output asks the test for something.
"""

import asyncio
import json
import os

import websockets

BASE = os.environ["URL"]
ADDRESS = BASE.replace("http", "ws", 1) + "/v1/ws"
TOKEN, OTHER_TOKEN, TICKET = (os.environ[name] for name in ("TOKEN", "OTHER_TOKEN", "TICKET"))


def asks(what):
    print(what, flush=True)


def bearer(token):
    return {"extra_headers": {"Authorization": "Bearer " + token}}


async def say(socket, **message):
    await socket.send(json.dumps(message))


async def expect(socket, kind):
    message = json.loads(await socket.recv())
    assert message["type"] == kind, message
    return message


async def header():
    async with websockets.connect(ADDRESS, **bearer(TOKEN)) as phone:
        greeting = await expect(phone, "connected")
        assert (greeting["userId"], greeting["seq"]) == (os.environ["USER"], 3), greeting
        await say(phone, type="resume", after=1)
        assert [(await expect(phone, "notification"))["seq"] for _ in range(2)] == [2, 3]
        assert (await expect(phone, "resumed"))["seq"] == 3
        await say(phone, type="resume", after=9)
        assert (await expect(phone, "reset"))["seq"] == 3
        asks("notify")
        live = await expect(phone, "notification")
        assert live["seq"] == 4, live
        await say(phone, type="ack", seq=3)
        await say(phone, type="ack", ids=[live["notification"]["id"]])
        await say(phone, type="ping")
        await expect(phone, "pong")
        await asyncio.wait_for(await phone.ping(b"marco"), 30)
        await phone.send(iter(['{"type":', '"ping', '"}']))  # in three frames
        await expect(phone, "pong")
        await say(phone, type="refresh", token=TOKEN)
        await expect(phone, "refreshed")
        await phone.close(1000, "done")
        assert phone.close_code == 1000, phone.close_code


async def closes_with(code, query, options, act=None):
    async with websockets.connect(ADDRESS + query, **options) as socket:
        if act:
            await act(socket)
        await asyncio.wait_for(socket.wait_closed(), 30)
        assert socket.close_code == code, (socket.close_code, socket.close_reason)


async def other():
    async with websockets.connect(ADDRESS + "?ticket=" + TICKET) as by_ticket:
        await expect(by_ticket, "connected")
    await closes_with(4401, "?ticket=" + TICKET, {})  # it is used up
    await closes_with(4401, "", {}, lambda s: say(s, type="auth", token="nonsense"))
    async with websockets.connect(ADDRESS) as by_frame:
        await say(by_frame, type="auth", token=TOKEN)
        await expect(by_frame, "connected")
        await say(by_frame, type="nonsense")
        assert (await expect(by_frame, "error"))["code"] == "malformed_message"
        await say(by_frame, type="refresh", token=OTHER_TOKEN)
        await asyncio.wait_for(by_frame.wait_closed(), 30)
        assert by_frame.close_code == 4401, by_frame.close_code
    await closes_with(1003, "", bearer(TOKEN), lambda s: s.send(b"\x01\x02\x03"))
    await closes_with(1009, "", bearer(TOKEN), lambda s: s.send("x" * 65537))
    try:
        await websockets.connect(ADDRESS, **bearer("nonsense"))
        raise AssertionError("a forged token connects")
    except websockets.exceptions.InvalidStatusCode as refused:
        assert refused.status_code == 401, refused
    many = []
    for _ in range(11):
        many.append(await websockets.connect(ADDRESS, **bearer(OTHER_TOKEN)))
        await expect(many[-1], "connected")
    await asyncio.wait_for(many[0].wait_closed(), 30)
    assert many[0].close_code == 4409, many[0].close_code
    for socket in many[1:]:
        await socket.close()


async def revoked():
    async with websockets.connect(ADDRESS, **bearer(TOKEN)) as phone:
        await expect(phone, "connected")
        asks("revoke")
        await asyncio.wait_for(phone.wait_closed(), 30)
        assert (phone.close_code, phone.close_reason) == (4401, "session_ended"), (phone.close_code, phone.close_reason)


async def everything():
    await header()
    await other()
    await revoked()
    asks("done")


asyncio.run(everything())
