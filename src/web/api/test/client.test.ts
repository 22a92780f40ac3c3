import { afterEach, describe, expect, test, vi } from 'vitest';
import { ApiError, api } from '../src/index.ts';

afterEach(() => vi.unstubAllGlobals());

function answering(response: Response | Error) {
  const requests: { url: string; init: RequestInit }[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    requests.push({ url, init });
    return response instanceof Error ? Promise.reject(response) : Promise.resolve(response);
  });
  return requests;
}

const problem = (status: number, body: string, headers = {}) => new Response(body, { status, headers: { 'Content-Type': 'application/problem+json', ...headers } });

describe('a request', () => {
  test('says that it comes from a client of ours', async () => {
    const requests = answering(Response.json({ highestModSeq: 7 }));
    await api.setFlags('mailbox', { operationId: 'o', messageIds: ['m'], add: ['seen'], remove: [] });
    expect(requests[0]).toMatchObject({
      url: '/api/mailboxes/mailbox/messages/flags',
      init: { method: 'POST', headers: { 'X-Appliance-Client': '1', 'Content-Type': 'application/json' }, credentials: 'same-origin' },
    });
  });

  test('asks for pages by what is given only', async () => {
    const requests = answering(Response.json({}));
    await api.messages('mailbox', 'folder', { before: 12, limit: 50 });
    await api.messages('mailbox', 'folder', {}).catch(() => undefined);
    expect(requests.map(({ url }) => url)).toEqual(['/api/mailboxes/mailbox/folders/folder/messages?before=12&limit=50', '/api/mailboxes/mailbox/folders/folder/messages']);
  });
});

describe('a failure is an ApiError:', () => {
  const failing = async (response: Response | Error) => {
    answering(response);
    const error: unknown = await api.account().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    return error as ApiError;
  };

  test('a problem, by its code', async () => {
    expect(await failing(problem(401, '{"code":"signed-out","title":"Sign in first."}'))).toMatchObject({ code: 'signed-out', status: 401, message: 'Sign in first.' });
  });

  test('too many attempts, with the time to wait', async () => {
    expect(await failing(problem(429, '{"code":"slow-down","title":"Wait."}', { 'Retry-After': '30' }))).toMatchObject({ code: 'slow-down', retryAfter: 30 });
  });

  test('an answer of something in between', async () => {
    expect(await failing(new Response('<h1>Bad gateway</h1>', { status: 502, statusText: 'Bad Gateway' }))).toMatchObject({ code: 'unavailable', status: 502, message: 'Bad Gateway' });
  });

  test('a server out of reach', async () => {
    expect(await failing(new TypeError('fetch failed'))).toMatchObject({ code: 'offline', status: 0 });
  });

  test('a connection that breaks midway', async () => {
    expect(await failing(new Response(new ReadableStream({ start: stream => stream.error(new TypeError('network error')) })))).toMatchObject({ code: 'offline' });
  });
});

describe('events', () => {
  class Source extends EventTarget {
    static readonly CLOSED = 2;
    static all: Source[] = [];
    readyState = 1;
    constructor() {
      super();
      Source.all.push(this);
    }
    close(): void {
      this.readyState = Source.CLOSED;
    }
  }

  const listening = () => {
    vi.useFakeTimers();
    Source.all = [];
    vi.stubGlobal('EventSource', Source);
    vi.stubGlobal('addEventListener', () => undefined);
    vi.stubGlobal('removeEventListener', () => undefined);
    const ended = vi.fn();
    const stop = api.events(() => undefined, () => undefined, ended);
    const refuse = async () => {
      const source = Source.all.at(-1);
      source?.close();
      source?.dispatchEvent(new Event('error'));
      await vi.advanceTimersByTimeAsync(6_000);
    };
    return { ended, refuse, stop };
  };
  afterEach(() => vi.useRealTimers());

  test('end with the session', async () => {
    const { ended, refuse } = listening();
    answering(problem(401, '{"code":"signed-out"}'));
    await refuse();
    expect(ended).toHaveBeenCalledOnce();
    expect(Source.all.length).toBe(1);
  });

  test.each([new TypeError('fetch failed'), new Response('', { status: 502 }), Response.json({})])('are asked for again after any other answer', async response => {
    const { ended, refuse } = listening();
    answering(response);
    await refuse();
    expect(ended).not.toHaveBeenCalled();
    expect(Source.all.length).toBe(2);
  });

  test('that were stopped say nothing any more', async () => {
    const { ended, refuse, stop } = listening();
    answering(problem(401, '{"code":"signed-out"}'));
    const refused = refuse();
    stop();
    await refused;
    expect(ended).not.toHaveBeenCalled();
  });
});
