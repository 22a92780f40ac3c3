import type { AccountInfo, Vault } from '@appliance/crypto';
import { createContext, useContext } from 'react';

const VaultContext = createContext<Vault | null>(null);
export const VaultProvider = VaultContext.Provider;

export function useVault(): Vault {
  const vault = useContext(VaultContext);
  if (!vault) throw new Error('There is no vault around this component.');
  return vault;
}

/** Who is signed in, and which mailbox is shown. `ended`: the server has ended the session. */
export interface Session { account: AccountInfo; mailboxId: string; signOut: () => void; ended: () => void }

const SessionContext = createContext<Session | null>(null);
export const SessionProvider = SessionContext.Provider;

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('Nobody is signed in here.');
  return session;
}
