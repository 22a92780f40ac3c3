import type { AccountInfo, Vault } from '@appliance/crypto';
import { StateMessage } from '@appliance/ui';
import { Center, Loader } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { Activation } from './activation/Activation.tsx';
import { NoSuchPage } from './entry/NoSuchPage.tsx';
import { SignIn } from './entry/SignIn.tsx';
import { describeError, isSignedOut } from './errors.ts';
import { go, useRoute } from './route.ts';
import { type Session, SessionProvider, VaultProvider } from './session.ts';
import { MailApp } from './shell/MailApp.tsx';
import { useTexts } from './texts/index.ts';

type SignInState = { is: 'resuming' } | { is: 'failed'; error: unknown } | { is: 'signed-out'; notice: boolean } | { is: 'signed-in'; account: AccountInfo };

/** Decides between activation, sign-in and mail. Opened mail lives in the query cache, in memory, and goes when the session does. */
export function App({ vault }: { vault: Vault }) {
  const t = useTexts();
  const { isPage, activation } = useRoute();
  const [state, setState] = useState<SignInState>({ is: 'resuming' });
  const { queries, end } = useMemo(() => {
    const queries = new QueryClient({
      queryCache: new QueryCache({ onError: error => isSignedOut(error) && end(true) }),
      defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, networkMode: 'always' }, mutations: { networkMode: 'always' } },
    });
    /** Nothing that was opened stays here. `notice`: the member did not ask for it. */
    function end(notice: boolean): void {
      setState({ is: 'signed-out', notice });
      queries.clear();
      vault.lock().catch(() => undefined);
    }
    return { queries, end };
  }, [vault]);

  const isActivating = activation !== null;
  const resume = useCallback(() => {
    vault.resume().then(
      account => setState(account ? { is: 'signed-in', account } : { is: 'signed-out', notice: false }),
      (error: unknown) => setState({ is: 'failed', error }),
    );
  }, [vault]);
  useEffect(() => {
    if (!isActivating) resume();
  }, [isActivating, resume]);

  // The session is the browser's, so signing out in one tab ends it in all.
  const tabs = useRef<BroadcastChannel>(null);
  const signedOutElsewhere = useEffectEvent(() => {
    // One that is still being resumed would come up unlocked after all.
    if (state.is !== 'signed-in' && (state.is !== 'resuming' || isActivating)) return;
    end(false);
    go('inbox', null, 'replace');
  });
  useEffect(() => {
    const channel = tabs.current = new BroadcastChannel('signed-out');
    channel.onmessage = signedOutElsewhere;
    return () => channel.close();
  }, []);

  const session = useMemo<Session | null>(() => {
    const mailbox = state.is === 'signed-in' ? state.account.mailboxes[0] : undefined;
    if (state.is !== 'signed-in' || !mailbox) return null;
    return {
      account: state.account,
      mailboxId: mailbox.mailboxId,
      signOut: () => {
        end(false);
        go('inbox', null, 'replace');
        tabs.current?.postMessage(null);
        // The worker has forgotten its keys before it tells the server; a server out of reach ends the session by its age.
        vault.signOut().catch(() => undefined);
      },
      ended: () => end(true),
    };
  }, [state, end, vault]);

  function enter(account: AccountInfo): void {
    queries.clear();
    setState({ is: 'signed-in', account });
  }

  return (
    <VaultProvider value={vault}>
      <QueryClientProvider client={queries}>
        {!isPage ? <NoSuchPage /> : activation !== null ? (
          <Activation
            token={activation}
            onDone={account => {
              enter(account);
              go('inbox', null, 'replace');
            }}
          />
        ) : session ? (
          <SessionProvider value={session}><MailApp /></SessionProvider>
        ) : state.is === 'signed-out' ? (
          <SignIn notice={state.notice ? t.errors.signedOut : null} onDone={enter} />
        ) : state.is === 'failed' ? (
          <Center h="100%">
            <StateMessage
              icon={<IconCloudOff size={40} stroke={1.2} />}
              title={describeError(state.error, t)}
              role="alert"
              retry={{
                label: t.retry,
                onClick: () => {
                  setState({ is: 'resuming' });
                  resume();
                },
              }}
            />
          </Center>
        ) : (
          <Center h="100%" role="status" aria-label={t.loading}><Loader size="sm" /></Center>
        )}
      </QueryClientProvider>
    </VaultProvider>
  );
}
