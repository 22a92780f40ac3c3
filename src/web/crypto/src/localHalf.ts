import { type Bytes, randomBytes } from '@appliance/formats';

/**
 * This browser's half of the session's key (docs/formats.md, "Key slots", kind 5), in IndexedDB under an AES key that scripts cannot
 * export. Without the server's half, which sign-out deletes, it opens nothing.
 */
interface StoredHalf { accountId: string; slotId: string; key: CryptoKey; nonce: Bytes; sealed: ArrayBuffer }
export interface LocalHalf { accountId: string; slotId: string; half: Bytes }

const [database, store, row] = ['appliance', 'session', 'half'];

export async function keepLocalHalf({ accountId, slotId, half }: LocalHalf): Promise<void> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const nonce = randomBytes(12);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, half);
  await inStore('readwrite', rows => rows.put({ accountId, slotId, key, nonce, sealed } satisfies StoredHalf, row));
}

export async function localHalf(): Promise<LocalHalf | null> {
  const found = await inStore<StoredHalf | undefined>('readonly', rows => rows.get(row) as IDBRequest<StoredHalf | undefined>);
  if (!found) return null;
  const half = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: found.nonce }, found.key, found.sealed);
  return { accountId: found.accountId, slotId: found.slotId, half: new Uint8Array(half) };
}

export async function forgetLocalHalf(): Promise<void> {
  await inStore('readwrite', rows => rows.clear());
}

async function inStore<T>(mode: IDBTransactionMode, work: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(database, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(store);
  const opened = await result(opening);
  try {
    return await result(work(opened.transaction(store, mode).objectStore(store)));
  } finally {
    opened.close();
  }
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The browser’s store does not answer.'));
  });
}
