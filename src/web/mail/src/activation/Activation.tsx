import { ApiError } from '@appliance/api';
import type { AccountInfo, ActivationStep, LinkInfo } from '@appliance/crypto';
import { StateMessage } from '@appliance/ui';
import { Center, Loader } from '@mantine/core';
import { IconLinkOff } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { describeError } from '../errors.ts';
import { useVault } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import { type AddressChoice, AddressStep } from './AddressStep.tsx';
import { ConfirmStep } from './ConfirmStep.tsx';
import { LinkOver } from './LinkOver.tsx';
import { MakingKeys } from './MakingKeys.tsx';
import { PasswordStep } from './PasswordStep.tsx';
import { PhraseStep } from './PhraseStep.tsx';

/** From a set-up or invitation link to an open inbox: address, password, keys, recovery phrase, proof that it was written down. */
export function Activation({ token, onDone }: { token: string; onDone: (account: AccountInfo) => void }) {
  const t = useTexts();
  const vault = useVault();
  const link = useQuery({ queryKey: ['link', token], queryFn: () => vault.lookUpLink(token), staleTime: Infinity });

  if (link.isPending) return <Center h="100%" role="status" aria-label={t.activation.checking}><Loader size="sm" /></Center>;
  if (isOver(link.error)) return <LinkOver />;
  if (link.isError) {
    return (
      <Center h="100%">
        <StateMessage icon={<IconLinkOff size={40} stroke={1.2} />} title={t.activation.broken} role="alert" retry={{ label: t.retry, onClick: () => void link.refetch() }}>
          {describeError(link.error, t)}
        </StateMessage>
      </Center>
    );
  }
  return <Steps key={token} token={token} link={link.data} onDone={onDone} />;
}

const isOver = (error: unknown): boolean => error instanceof ApiError && error.code === 'link-unknown';

function Steps({ token, link, onDone }: { token: string; link: LinkInfo; onDone: (account: AccountInfo) => void }) {
  const vault = useVault();
  const [choice, setChoice] = useState<AddressChoice | null>(null);
  const [isConfirming, setConfirming] = useState(false);
  const [progress, setProgress] = useState<ActivationStep>('password');
  const activate = useMutation({
    mutationFn: ({ domain, address, password }: AddressChoice & { password: string }) => vault.activate({ token, link, domain, address, password }, setProgress),
    onMutate: () => setProgress('password'),
    onError: () => setConfirming(false),
  });

  // Until the phrase is written down a closed tab would lose it.
  const isPhraseOpen = activate.isPending || activate.isSuccess;
  useEffect(() => {
    if (!isPhraseOpen) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isPhraseOpen]);

  if (activate.isSuccess) {
    const { phrase, account } = activate.data;
    return isConfirming
      ? <ConfirmStep phrase={phrase} onBack={() => setConfirming(false)} onDone={() => onDone(account)} />
      : <PhraseStep phrase={phrase} address={account.address} onDone={() => setConfirming(true)} />;
  }
  if (isOver(activate.error)) return <LinkOver />;
  if (activate.isPending) return <MakingKeys step={progress} />;
  if (choice && !activate.isError) {
    return <PasswordStep address={choice.address} onBack={() => setChoice(null)} onDone={password => activate.mutate({ ...choice, password })} />;
  }
  return (
    <AddressStep
      link={link}
      before={choice}
      error={activate.error}
      onDone={chosen => {
        activate.reset();
        setChoice(chosen);
      }}
    />
  );
}
