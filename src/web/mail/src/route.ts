import type { FolderInfo } from '@appliance/crypto';
import { useSyncExternalStore } from 'react';

export type Role = FolderInfo['role'];
export const roles: readonly Role[] = ['inbox', 'archive', 'drafts', 'sent', 'junk', 'trash'];

/** The address bar: `/activate#TOKEN`, else `/FOLDER` or `/FOLDER/MESSAGE`; `/` is the inbox, and nothing else is a page. */
export interface Route { isPage: boolean; activation: string | null; folder: Role; messageId: string | null }

export function readRoute(path: string, hash: string): Route {
  const [first, second, ...more] = path.split('/').filter(Boolean);
  const folder = first === undefined ? 'inbox' : roles.find(role => role === first);
  const activation = first === 'activate' ? hash.replace(/^#/, '') : null;
  return { isPage: activation !== null || (folder !== undefined && more.length === 0), activation, folder: folder ?? 'inbox', messageId: (folder && second) ?? null };
}

const changed = 'route-changed';

function subscribe(listener: () => void): () => void {
  for (const event of ['popstate', 'hashchange', changed]) window.addEventListener(event, listener);
  return () => {
    for (const event of ['popstate', 'hashchange', changed]) window.removeEventListener(event, listener);
  };
}

const place = (): string => location.pathname + location.hash;

export function useRoute(): Route {
  const [path = '/', hash = ''] = useSyncExternalStore(subscribe, place).split('#');
  return readRoute(path, hash);
}

export function go(folder: Role, messageId: string | null = null, how: 'push' | 'replace' = 'push'): void {
  const path = messageId ? `/${folder}/${messageId}` : `/${folder}`;
  if (how === 'push') history.pushState(null, '', path);
  else history.replaceState(null, '', path);
  window.dispatchEvent(new Event(changed));
}
