import type {
  AccountResponse, ActivationLookupResponse, ActivationRequest, ChangedEvent, ChangeResponse, DestroyRequest, EmptiedResponse, EmptyRequest, ExpiryRequest, FlagsRequest,
  MessageListResponse, MessageResponse, MoveRequest, PolicyDocument, RefusalsResponse, RetentionPreviewResponse, RetentionRequest, RetentionResponse, SenderRuleRequest, SenderRulesResponse, SessionSlot, SignInFinishRequest, SignInFinishResponse, SignInStartRequest, SignInStartResponse,
} from './contracts.ts';
import { ApiError } from './error.ts';

export interface MessageQuery { before?: number; after?: number; limit?: number }

/** The requests of docs/api.md. Every failure is an ApiError. */
export const api = {
  lookUpLink: (token: string) => json<ActivationLookupResponse>('POST', '/activation/lookup', { token }),
  completeActivation: (request: ActivationRequest) => nothing('POST', '/activation/complete', request),
  startSignIn: (request: SignInStartRequest) => json<SignInStartResponse>('POST', '/signin/start', request),
  finishSignIn: (request: SignInFinishRequest) => json<SignInFinishResponse>('POST', '/signin/finish', request),
  signOut: () => nothing('POST', '/signout'),
  putSessionSlot: (slot: SessionSlot) => nothing('PUT', '/session/slot', slot),
  sessionSlot: () => json<SessionSlot>('GET', '/session/slot'),
  account: () => json<AccountResponse>('GET', '/account'),
  messages: (mailboxId: string, folderId: string, query: MessageQuery) =>
    json<MessageListResponse>('GET', `/mailboxes/${mailboxId}/folders/${folderId}/messages${search(query)}`),
  message: (mailboxId: string, messageId: string) => json<MessageResponse>('GET', `/mailboxes/${mailboxId}/messages/${messageId}`),
  segment: async (mailboxId: string, messageId: string, index: number): Promise<Uint8Array<ArrayBuffer>> => {
    const response = await send('GET', `/mailboxes/${mailboxId}/messages/${messageId}/segments/${index}`);
    return new Uint8Array(await received(response.arrayBuffer()));
  },
  setFlags: (mailboxId: string, request: FlagsRequest) => json<ChangeResponse>('POST', `/mailboxes/${mailboxId}/messages/flags`, request),
  move: (mailboxId: string, request: MoveRequest) => json<ChangeResponse>('POST', `/mailboxes/${mailboxId}/messages/move`, request),
  expire: (mailboxId: string, request: ExpiryRequest) => json<ChangeResponse>('POST', `/mailboxes/${mailboxId}/messages/expiry`, request),
  destroy: (mailboxId: string, request: DestroyRequest) => json<ChangeResponse>('POST', `/mailboxes/${mailboxId}/messages/destroy`, request),
  empty: (mailboxId: string, folderId: string, request: EmptyRequest) => json<EmptiedResponse>('POST', `/mailboxes/${mailboxId}/folders/${folderId}/empty`, request),
  retention: (mailboxId: string) => json<RetentionResponse>('GET', `/mailboxes/${mailboxId}/retention`),
  setRetention: (mailboxId: string, request: RetentionRequest) => json<RetentionResponse>('PUT', `/mailboxes/${mailboxId}/retention`, request),
  previewRetention: (mailboxId: string, days: number) => json<RetentionPreviewResponse>('GET', `/mailboxes/${mailboxId}/retention/preview?days=${days}`),
  senderRules: (mailboxId: string) => json<SenderRulesResponse>('GET', `/mailboxes/${mailboxId}/sender-rules`),
  setSenderRule: (mailboxId: string, request: SenderRuleRequest) => json<ChangeResponse>('PUT', `/mailboxes/${mailboxId}/sender-rules`, request),
  refusals: (mailboxId: string) => json<RefusalsResponse>('GET', `/mailboxes/${mailboxId}/refusals`),
  policy: () => json<PolicyDocument>('GET', '/policy'),
  setPolicy: (policy: PolicyDocument) => json<PolicyDocument>('PUT', '/policy', policy),
  previewPolicy: (days: number) => json<RetentionPreviewResponse>('GET', `/policy/preview?days=${days}`),
  events,
};

/** Server-sent events, until the session has ended. Returns what stops them. */
function events(changed: (event: ChangedEvent) => void, online: (connected: boolean) => void, ended: () => void): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  };
  /** The browser does not say what the answer was, so something else is asked. */
  const refused = async (by: EventSource) => {
    const error = await api.account().then(() => null, (reason: unknown) => reason);
    if (source !== by) return; // stopped, or started again
    if (error instanceof ApiError && error.status === 401) ended();
    else retry = setTimeout(start, 5_000);
  };
  const start = () => {
    stop();
    const opened = source = new EventSource('/api/events');
    source.addEventListener('open', () => online(true));
    source.addEventListener('changed', event => changed(JSON.parse(event.data as string) as ChangedEvent));
    source.addEventListener('error', () => {
      online(false);
      // The browser itself reconnects after a broken connection, but not after an answer such as a proxy's 502.
      if (opened.readyState === EventSource.CLOSED) void refused(opened);
    });
  };
  // A connection that the network dropped may look alive for minutes; the browser knows at once.
  const lost = () => {
    stop();
    online(false);
  };
  addEventListener('offline', lost);
  addEventListener('online', start);
  start();
  return () => {
    removeEventListener('offline', lost);
    removeEventListener('online', start);
    stop();
  };
}

async function json<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await send(method, path, body);
  return await received(response.json()) as T;
}

async function nothing(method: string, path: string, body?: object): Promise<void> {
  await send(method, path, body);
}

async function send(method: string, path: string, body?: object): Promise<Response> {
  const response = await received(fetch(`/api${path}`, {
    method,
    headers: { 'X-Appliance-Client': '1', ...body && { 'Content-Type': 'application/json' } },
    body: body ? JSON.stringify(body) : null,
    credentials: 'same-origin',
    cache: 'no-store',
  }));
  if (!response.ok) throw await problem(response);
  return response;
}

/** A connection that fails, at once or midway, is one and the same to the caller. */
async function received<T>(pending: Promise<T>): Promise<T> {
  try {
    return await pending;
  } catch (error) {
    throw new ApiError('offline', 0, error instanceof Error ? error.message : String(error));
  }
}

/** RFC 9457. What is no problem of ours, such as a proxy's error page, has the code `unavailable`. */
async function problem(response: Response): Promise<ApiError> {
  const details = await response.json().catch(() => null) as { code?: unknown; title?: unknown; detail?: unknown } | null;
  const text = [details?.detail, details?.title].find(value => typeof value === 'string') ?? response.statusText;
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return new ApiError(typeof details?.code === 'string' ? details.code : 'unavailable', response.status, text, Number.isFinite(retryAfter) ? retryAfter : undefined);
}

function search(query: MessageQuery): string {
  const parameters = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]]));
  return parameters.size > 0 ? `?${parameters.toString()}` : '';
}
