import { ApiError } from '@appliance/api';
import { afterEach, expect, test } from 'vitest';
import { connect, serve } from '../src/rpc.ts';
import type { LinkInfo, Vault } from '../src/vault.ts';

const open: MessagePort[] = [];
afterEach(() => open.splice(0).forEach(port => port.close()));

/** A vault behind a message channel, as if it were in a worker. */
function behindAChannel(vault: Partial<Vault>): Vault {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  serve(vault as Vault, port2 as unknown as DedicatedWorkerGlobalScope, error => error instanceof ApiError ? error : new ApiError('unexpected', 0, String(error)));
  const page = connect(port1 as unknown as Worker);
  port1.start();
  port2.start();
  return page;
}

test('calls, and calls back on the way', async () => {
  const page = behindAChannel({
    activate: (request, progress) => {
      progress('keys');
      progress('done');
      return Promise.resolve({ phrase: [request.password], account: null as never });
    },
  });
  const steps: string[] = [];
  const link: LinkInfo = { kind: 'setup', domain: null, address: null, accountId: '', mailboxId: '', expiresAt: '' };
  expect(await page.activate({ token: '', link, domain: '', address: '', password: 'p' }, step => steps.push(step))).toMatchObject({ phrase: ['p'] });
  expect(steps).toEqual(['keys', 'done']);
});

test('answers each call by itself, whatever comes first', async () => {
  const waiting = new Map<string, (link: LinkInfo) => void>();
  const page = behindAChannel({ lookUpLink: token => new Promise(resolve => waiting.set(token, resolve)) });
  const [first, second] = [page.lookUpLink('first'), page.lookUpLink('second')];
  await expect.poll(() => waiting.size).toBe(2);
  for (const token of ['second', 'first']) waiting.get(token)?.({ accountId: token } as LinkInfo);
  expect([(await first).accountId, (await second).accountId]).toEqual(['first', 'second']);
});

test('an error arrives as the ApiError it was', async () => {
  const page = behindAChannel({ signIn: () => Promise.reject(new ApiError('slow-down', 429, 'Wait.', 30)), resume: () => Promise.reject(new TypeError('oops')) });
  const failure = (error: unknown) => error;
  expect(await page.signIn({ address: '', secret: '', slot: 'password' }).catch(failure)).toEqual(new ApiError('slow-down', 429, 'Wait.', 30));
  expect(await page.resume().catch(failure)).toMatchObject({ code: 'unexpected' });
});

test('events stop when told to', async () => {
  let send: (modSeq: number) => void = () => undefined;
  let isStopped = false;
  const page = behindAChannel({
    onChanged: handler => {
      send = highestModSeq => handler({ mailboxId: 'm', highestModSeq });
      return () => (isStopped = true);
    },
    resume: () => Promise.resolve(null),
  });
  const seen: number[] = [];
  const stop = page.onChanged(change => seen.push(change.highestModSeq), () => undefined, () => undefined);
  await page.resume();
  send(1);
  await page.resume();
  stop();
  await page.resume();
  send(2);
  await page.resume();
  expect([seen, isStopped]).toEqual([[1], true]);
});
