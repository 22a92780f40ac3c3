import { ApiError } from '@appliance/api';
import type { Vault } from './vault.ts';

/**
 * The page's side and the worker's side of a Vault. A call is one message, its result another; functions among the arguments stay
 * where they are and are called back by index.
 */
type Method = keyof Vault;
type Argument = { value: unknown } | { callback: true };
type Callback = (...args: unknown[]) => void;
type ToWorker = { id: number; method: Method; args: Argument[] } | { id: number; stop: true };
type ToPage = { id: number; result: unknown } | { id: number; error: Failure } | { id: number; callback: number; args: unknown[] };
interface Failure { code: string; status: number; message: string; retryAfter?: number }

export function connect(worker: Worker): Vault {
  const calls = new Map<number, { args: unknown[]; resolve: (value: unknown) => void; reject: (error: ApiError) => void }>();
  let lastId = 0;

  worker.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
    const call = calls.get(data.id);
    if (!call) return;
    if ('callback' in data) {
      (call.args[data.callback] as Callback)(...data.args);
      return;
    }
    if ('error' in data) call.reject(new ApiError(data.error.code, data.error.status, data.error.message, data.error.retryAfter));
    else call.resolve(data.result);
    calls.delete(data.id);
  });

  function call(method: Method, args: unknown[]): { id: number; result: Promise<unknown> } {
    const id = ++lastId;
    const result = new Promise<unknown>((resolve, reject) => calls.set(id, { args, resolve, reject }));
    post({ id, method, args: args.map(value => typeof value === 'function' ? { callback: true } : { value }) });
    return { id, result };
  }

  const post = (message: ToWorker) => worker.postMessage(message);

  const forward = <M extends Exclude<Method, 'onChanged'>>(method: M) => ((...args: unknown[]) => call(method, args).result) as Vault[M];

  return {
    lookUpLink: forward('lookUpLink'),
    activate: forward('activate'),
    signIn: forward('signIn'),
    resume: forward('resume'),
    signOut: forward('signOut'),
    lock: forward('lock'),
    list: forward('list'),
    read: forward('read'),
    attachment: forward('attachment'),
    original: forward('original'),
    setFlags: forward('setFlags'),
    move: forward('move'),
    expire: forward('expire'),
    destroy: forward('destroy'),
    empty: forward('empty'),
    retention: forward('retention'),
    setRetention: forward('setRetention'),
    previewRetention: forward('previewRetention'),
    retentionPolicy: forward('retentionPolicy'),
    setRetentionPolicy: forward('setRetentionPolicy'),
    previewRetentionPolicy: forward('previewRetentionPolicy'),
    senderRules: forward('senderRules'),
    setSenderRule: forward('setSenderRule'),
    refusals: forward('refusals'),
    onChanged(handler, online, ended) {
      const { id } = call('onChanged', [handler, online, ended]);
      return () => {
        calls.delete(id);
        post({ id, stop: true });
      };
    },
  };
}

/** `describe` turns whatever was thrown into an error the page knows. */
export function serve(vault: Vault, scope: DedicatedWorkerGlobalScope, describe: (error: unknown) => ApiError): void {
  const stops = new Map<number, () => void>();
  const post = (message: ToPage, transfer: Transferable[] = []) => scope.postMessage(message, transfer);

  async function answer(id: number, method: Method, received: Argument[]): Promise<void> {
    const args = received.map((argument, index) =>
      'value' in argument ? argument.value : (...values: unknown[]) => post({ id, callback: index, args: values }));
    try {
      const result = await (vault[method] as (...values: unknown[]) => unknown)(...args);
      if (typeof result === 'function') stops.set(id, result as () => void);
      else post({ id, result });
    } catch (error) {
      const { code, status, message, retryAfter } = describe(error);
      post({ id, error: { code, status, message, ...retryAfter !== undefined && { retryAfter } } });
    }
  }

  scope.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
    if ('stop' in data) {
      stops.get(data.id)?.();
      stops.delete(data.id);
    } else void answer(data.id, data.method, data.args);
  });
}
