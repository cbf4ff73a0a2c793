// Everything that CONTRACT.md says of the socket and the stream, as far as a page
// can say it: no headers, but a ticket or a first frame. POST /ask has the test do
// something.
async function ask(what) {
  const answer = await fetch('/ask', { method: 'POST', body: JSON.stringify(what) });
  if (!answer.ok) throw new Error(JSON.stringify(what) + ': ' + await answer.text());
  return answer.json();
}

function same(got, want, what) {
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`);
  }
}

// Open is a socket whose messages can be awaited one after the other.
class Open {
  constructor(person, query) {
    this.socket = new WebSocket(person.Gateway.replace('http', 'ws') + '/v1/ws' + query);
    this.messages = [];
    this.waiting = [];
    this.opened = new Promise((resolve) => this.socket.addEventListener('open', resolve));
    this.closed = new Promise((resolve) => this.socket.addEventListener('close', (e) => resolve([e.code, e.reason, e.wasClean])));
    this.socket.addEventListener('message', (e) => {
      this.messages.push(JSON.parse(e.data));
      if (this.waiting.length) this.waiting.shift()(this.messages.shift());
    });
  }
  say(message) { this.socket.send(JSON.stringify(message)); }
  next() {
    if (this.messages.length) return Promise.resolve(this.messages.shift());
    const closed = this.closed.then((how) => { throw new Error('closed ' + how); });
    return Promise.race([new Promise((resolve) => this.waiting.push(resolve)), closed]);
  }
  async expect(type) {
    const message = await this.next();
    same(message.type, type, JSON.stringify(message));
    return message;
  }
}

async function socket() {
  const ana = await ask({ Do: 'session' });
  for (let n = 0; n < 3; n++) await ask({ Do: 'notify', User: ana.User });
  const page = new Open(ana, '?ticket=' + ana.Ticket);
  const greeting = await page.expect('connected');
  same([greeting.userId, greeting.seq], [ana.User, 3], 'connected');
  page.say({ type: 'resume', after: 1 });
  same([(await page.expect('notification')).seq, (await page.expect('notification')).seq], [2, 3], 'resumed');
  same((await page.expect('resumed')).seq, 3, 'resumed');
  page.say({ type: 'resume', after: 9 });
  same((await page.expect('reset')).seq, 3, 'reset');
  await ask({ Do: 'notify', User: ana.User });
  const live = await page.expect('notification');
  same(live.seq, 4, 'live');
  page.say({ type: 'ack', seq: 3 });
  page.say({ type: 'ack', ids: [live.notification.id] });
  page.say({ type: 'ping' });
  await page.expect('pong');
  page.say({ type: 'refresh', token: ana.Token });
  await page.expect('refreshed');
  page.socket.close(1000, 'done');
  same(await page.closed, [1000, '', true], 'our own close');
}

async function closesWith(code, one, act) {
  await one.opened;
  if (act) act(one);
  const [got, reason] = await one.closed;
  same(got, code, 'close, ' + reason);
}

async function closes() {
  const ana = await ask({ Do: 'session' });
  const first = new Open(ana, '?ticket=' + ana.Ticket);
  await first.expect('connected');
  first.socket.close();
  await closesWith(4401, new Open(ana, '?ticket=' + ana.Ticket)); // it is used up
  await closesWith(4401, new Open(ana, ''), (s) => s.say({ type: 'auth', token: 'nonsense' }));
  const byFrame = async (person) => {
    const one = new Open(person, '');
    await one.opened;
    one.say({ type: 'auth', token: person.Token });
    await one.expect('connected');
    return one;
  };
  await closesWith(1003, await byFrame(ana), (s) => s.socket.send(new Uint8Array([1, 2, 3])));
  await closesWith(1009, await byFrame(ana), (s) => s.socket.send('x'.repeat(65537)));
  const other = await ask({ Do: 'session' });
  await closesWith(4401, await byFrame(ana), (s) => s.say({ type: 'refresh', token: other.Token }));
  const many = [];
  for (let n = 0; n < 11; n++) many.push(await byFrame(other));
  same((await many[0].closed)[0], 4409, 'the eleventh');
  many.slice(1).forEach((s) => s.socket.close());
  const last = await byFrame(ana);
  await ask({ Do: 'revoke', User: ana.User });
  same(await last.closed, [4401, 'session_ended', true], 'revoked');
}

// Stream is an EventSource whose events can be awaited.
class Stream {
  constructor(person, query) {
    this.source = new EventSource(person.Gateway + '/v1/events' + query);
    this.events = [];
    this.waiting = [];
    this.failed = new Promise((resolve) => { this.source.onerror = () => this.source.readyState === EventSource.CLOSED && resolve(); });
    for (const type of ['connected', 'notification', 'resumed', 'reset']) {
      this.source.addEventListener(type, (e) => {
        this.events.push([type, e.lastEventId, JSON.parse(e.data)]);
        if (this.waiting.length) this.waiting.shift()(this.events.shift());
      });
    }
  }
  next() { return this.events.length ? Promise.resolve(this.events.shift()) : new Promise((resolve) => this.waiting.push(resolve)); }
  async expect(type, id) {
    const [gotType, gotID, data] = await this.next();
    same([gotType, gotID], [type, id], 'event');
    return data;
  }
}

async function ticketOf(person) {
  const answer = await fetch(person.Gateway + '/v1/notifications/ws-tickets', { method: 'POST', headers: { Authorization: 'Bearer ' + person.Token } });
  same(answer.status, 201, 'a ticket');
  return (await answer.json()).ticket;
}

async function stream() {
  const ana = await ask({ Do: 'session' });
  await ask({ Do: 'notify', User: ana.User });
  const first = new Stream(ana, '?ticket=' + ana.Ticket);
  await first.expect('connected', '1');
  await ask({ Do: 'notify', User: ana.User });
  same((await first.expect('notification', '2')).seq, 2, 'live');
  first.source.close();
  await ask({ Do: 'notify', User: ana.User });
  const back = new Stream(ana, '?ticket=' + await ticketOf(ana) + '&lastEventId=1'); // as after a crash of the page
  await back.expect('connected', '');
  await back.expect('notification', '2');
  await back.expect('notification', '3');
  await back.expect('resumed', '3');
  back.source.close();
  const used = new Stream(ana, '?ticket=' + ana.Ticket);
  await used.failed; // 401: it does not come again with the same one for ever
}

async function run() {
  for (const part of [socket, closes, stream]) {
    await part();
    await ask({ Do: 'passed', What: part.name });
  }
}

run().then(() => ask({ Do: 'done' }), (err) => ask({ Do: 'failed', What: String(err && err.stack || err) }));
