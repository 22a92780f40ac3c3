import type { SenderRule } from '@appliance/crypto';
import type { Summary } from '@appliance/formats';
import { useQuery } from '@tanstack/react-query';
import { useSession, useVault } from '../session.ts';

export const senderRulesKey = (mailboxId: string) => ['senderRules', mailboxId] as const;

export function useSenderRules() {
  const vault = useVault();
  const { mailboxId } = useSession();
  return useQuery({ queryKey: senderRulesKey(mailboxId), queryFn: () => vault.senderRules(mailboxId), staleTime: 300_000 });
}

/** Of whom a rule can be made: the only author, as it is compared. */
export function senderOf(summary: Summary | null): string | null {
  const [author, ...others] = summary?.from ?? [];
  return author?.address.includes('@') && others.length === 0 ? author.address.toLowerCase() : null;
}

export const ruleFor = (rules: readonly SenderRule[], sender: string): SenderRule['action'] | null => rules.find(rule => rule.sender === sender)?.action ?? null;
