import type { AccountInfo, FolderInfo, MessageItem, MessagePage, OpenedMessage, Vault } from '@appliance/crypto';
import type { Summary } from '@appliance/formats';
import { LanguageProvider, theme } from '@appliance/ui';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, vi } from 'vitest';
import { SessionProvider, VaultProvider } from '../src/session.ts';

/** Parts of the client drawn in jsdom, which lays nothing out: what asks for sizes gets those of a small window. */
vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
vi.stubGlobal('matchMedia', (media: string) => ({ media, matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
vi.stubGlobal('ResizeObserver', class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
});
Object.defineProperties(HTMLElement.prototype, { clientWidth: { get: () => 400 }, clientHeight: { get: () => 600 } });
Object.defineProperty(document, 'fonts', { value: new EventTarget() });

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

export const inbox: FolderInfo = { folderId: 'f-inbox', role: 'inbox', total: 200, unread: 0 };
export const trash: FolderInfo = { folderId: 'f-trash', role: 'trash', total: 0, unread: 0 };
export const account: AccountInfo = {
  accountId: 'a', address: 'ann@home.example', isOperator: false, fingerprint: 'ab'.repeat(20),
  mailboxes: [{ mailboxId: 'm', addresses: ['ann@home.example'], folders: [inbox, trash] }],
};

export const item = (uid: number): MessageItem =>
  ({ ref: { mailboxId: 'm', messageId: `${uid}` }, uid, arrivedAt: '2026-01-01T00:00:00Z', size: 1, flags: ['seen'], expiresAt: null, expiry: null, summary: null, broken: 'key' });

export const page = (uids: number[], folder = inbox): MessagePage => ({ folder: { ...folder, total: uids.length }, highestModSeq: 1, messages: uids.map(item), more: false });

export const opened: OpenedMessage = {
  summary: { subject: 'Minutes', from: [], sender: [], replyTo: [], to: [], cc: [], verdict: { result: 'none', dkim: [] } } as unknown as Summary,
  slip: null, text: 'Hello', html: null, isCut: false, inline: [], attachments: [], headers: [{ name: 'Subject', value: 'Minutes', ours: false }],
};

export const newQueries = () => new QueryClient({ defaultOptions: { queries: { retry: false } } });

export function Around({ vault, queries, children }: { vault: Partial<Vault>; queries: QueryClient; children: ReactNode }) {
  return (
    <MantineProvider theme={theme} env="test">
      <LanguageProvider>
        <VaultProvider value={vault as Vault}>
          <QueryClientProvider client={queries}>
            <SessionProvider value={{ account, mailboxId: 'm', signOut: () => undefined, ended: () => undefined }}>{children}</SessionProvider>
          </QueryClientProvider>
        </VaultProvider>
      </LanguageProvider>
    </MantineProvider>
  );
}

export async function draw(content: ReactNode): Promise<HTMLElement> {
  const place = document.body.appendChild(document.createElement('div'));
  const root = createRoot(place);
  ends.push(() => {
    act(() => root.unmount());
    place.remove();
  });
  await settled(() => root.render(content));
  return place;
}

/** Does something and waits until the page has answered. */
export async function settled(what: () => unknown = () => undefined): Promise<void> {
  await act(async () => {
    await what();
    await new Promise(resolve => setTimeout(resolve, 20));
  });
}

export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries === 250) throw new Error('It did not come to that.');
    await settled();
  }
}

export function find(selector: string, text = ''): HTMLElement {
  const found = [...document.querySelectorAll<HTMLElement>(selector)].find(element => element.textContent.includes(text));
  if (!found) throw new Error(`Nothing on the page is ${selector} with “${text}”.`);
  return found;
}

/** As a person does it, so that React takes notice. */
export function type(field: HTMLElement, text: string): void {
  const prototype = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, text);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
