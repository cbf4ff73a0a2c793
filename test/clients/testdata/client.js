// Everything that CONTRACT.md says of the socket and the stream, said by npm's ws
// and by node's own fetch. The environment has URL, TOKEN, OTHER_TOKEN, TICKET,
// STREAM_TICKET and USER; a line on the standard output asks the test for something.
'use strict';
const WebSocket = require('ws');
const assert = require('assert');

const { URL: base, TOKEN, OTHER_TOKEN, TICKET, STREAM_TICKET } = process.env;
const address = base.replace('http', 'ws') + '/v1/ws';
const asks = (what) => console.log(what);

// Open is a socket whose messages can be awaited one after the other.
class Open {
  constructor(query, options) {
    this.socket = new WebSocket(address + query, options);
    this.messages = [];
    this.waiting = [];
    this.closed = new Promise((resolve) => this.socket.on('close', (code, reason) => resolve([code, String(reason)])));
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('error', reject);
    });
    this.opened.catch(() => {});
    this.socket.on('message', (text, isBinary) => {
      assert(!isBinary);
      this.messages.push(JSON.parse(text));
      if (this.waiting.length) this.waiting.shift()(this.messages.shift());
    });
  }
  say(message) { this.socket.send(JSON.stringify(message)); }
  next() {
    return this.messages.length ? Promise.resolve(this.messages.shift()) : new Promise((resolve) => this.waiting.push(resolve));
  }
  async expect(type) {
    const message = await this.next();
    assert.strictEqual(message.type, type, JSON.stringify(message));
    return message;
  }
}

const bearer = (token) => ({ headers: { Authorization: 'Bearer ' + token } });

async function header() {
  const phone = new Open('', bearer(TOKEN));
  const greeting = await phone.expect('connected');
  assert.strictEqual(greeting.userId, process.env.USER);
  assert.strictEqual(greeting.seq, 3);
  phone.say({ type: 'resume', after: 1 });
  const seqs = [(await phone.expect('notification')).seq, (await phone.expect('notification')).seq];
  assert.deepStrictEqual(seqs, [2, 3]);
  assert.strictEqual((await phone.expect('resumed')).seq, 3);
  phone.say({ type: 'resume', after: 9 });
  assert.strictEqual((await phone.expect('reset')).seq, 3);
  asks('notify');
  const live = await phone.expect('notification');
  assert.strictEqual(live.seq, 4);
  phone.say({ type: 'ack', seq: 3 });
  phone.say({ type: 'ack', ids: [live.notification.id] });
  phone.say({ type: 'ping' });
  await phone.expect('pong');
  const pong = new Promise((resolve) => phone.socket.once('pong', resolve));
  phone.socket.ping('marco');
  assert.strictEqual(String(await pong), 'marco');
  phone.say({ type: 'refresh', token: TOKEN });
  await phone.expect('refreshed');
  phone.socket.close(1000, 'done');
  assert.deepStrictEqual((await phone.closed)[0], 1000);
}

async function closesWith(code, query, options, act) {
  const one = new Open(query, options);
  await one.opened;
  if (act) await act(one);
  const [got, reason] = await one.closed;
  assert.strictEqual(got, code, reason);
}

async function other() {
  const byTicket = new Open('?ticket=' + TICKET);
  await byTicket.expect('connected');
  byTicket.socket.close();
  await closesWith(4401, '?ticket=' + TICKET, {}); // it is used up
  await closesWith(4401, '', {}, (s) => s.say({ type: 'auth', token: 'nonsense' }));
  const byFrame = new Open('');
  await byFrame.opened;
  byFrame.say({ type: 'auth', token: TOKEN });
  await byFrame.expect('connected');
  byFrame.say({ type: 'nonsense' });
  assert.strictEqual((await byFrame.expect('error')).code, 'malformed_message');
  byFrame.say({ type: 'refresh', token: OTHER_TOKEN });
  assert.strictEqual((await byFrame.closed)[0], 4401);
  await closesWith(1003, '', bearer(TOKEN), (s) => s.socket.send(Buffer.from([1, 2, 3])));
  await closesWith(1009, '', bearer(TOKEN), (s) => s.socket.send('x'.repeat(65537)));
  await assert.rejects(new Open('', bearer('nonsense')).opened, /401/);
  const many = [];
  for (let n = 0; n < 11; n++) {
    many.push(new Open('', bearer(OTHER_TOKEN)));
    await many[n].expect('connected');
  }
  assert.strictEqual((await many[0].closed)[0], 4409);
  many.slice(1).forEach((s) => s.socket.terminate());
}

// stream reads server-sent events up to the named one.
async function* events(query, headers) {
  const answer = await fetch(base + '/v1/events' + query, { headers });
  assert.strictEqual(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
  let text = '';
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const event = {};
      for (const line of text.slice(0, end).split('\n')) {
        const colon = line.indexOf(': ');
        if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 2);
      }
      if (event.data) yield event;
    }
  }
}

async function stream() {
  const got = [];
  for await (const e of events('', { ...bearer(TOKEN).headers, 'Last-Event-ID': '2' })) {
    got.push([e.event, e.id]);
    if (e.event === 'resumed') asks('notify');
    if (e.id === '5') break;
  }
  assert.deepStrictEqual(got, [['connected', undefined], ['notification', '3'], ['notification', '4'], ['resumed', '4'], ['notification', '5']]);
  for await (const e of events('?ticket=' + STREAM_TICKET, {})) {
    assert.deepStrictEqual([e.event, e.id], ['connected', '5']);
    break;
  }
}

async function revoked() {
  const phone = new Open('', bearer(TOKEN));
  await phone.expect('connected');
  asks('revoke');
  assert.deepStrictEqual(await phone.closed, [4401, 'session_ended']);
}

(async () => {
  await header();
  await other();
  await stream();
  await revoked();
  asks('done');
  process.exit(0);
})().catch((err) => {
  console.error(err);
  process.exit(1);
});
