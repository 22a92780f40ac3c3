import { ApiError } from '@appliance/api';
import type { AccountInfo } from '@appliance/crypto';
import { Alert, Button, PasswordInput, Stack, Textarea, TextInput } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import { describeError } from '../errors.ts';
import { useVault } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import { EntryFrame } from './EntryFrame.tsx';

/** By password, or by recovery phrase for someone who forgot it. */
export function SignIn({ notice, onDone }: { notice: string | null; onDone: (account: AccountInfo) => void }) {
  const t = useTexts();
  const vault = useVault();
  const [address, setAddress] = useState('');
  const [secret, setSecret] = useState('');
  const [slot, setSlot] = useState<'password' | 'phrase'>('password');
  const [isChecked, setChecked] = useState(false);
  const signIn = useMutation({ mutationFn: () => vault.signIn({ address: address.trim(), secret, slot }), onSuccess: onDone });
  const secretField = useRef<HTMLElement | null>(null);
  // It was disabled meanwhile, and so lost the focus.
  useEffect(() => {
    if (signIn.error) secretField.current?.focus();
  }, [signIn.error]);
  const missing = { address: address.trim() === '', secret: secret.trim() === '' };

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    setChecked(true);
    if (!missing.address && !missing.secret) signIn.mutate();
  }

  const secretInput = {
    ref: (field: HTMLElement | null) => {
      secretField.current = field;
    },
    value: secret,
    error: isChecked && missing.secret && t.signIn.missingSecret,
    disabled: signIn.isPending,
    onChange: (event: { currentTarget: { value: string } }) => setSecret(event.currentTarget.value),
  };
  const isWrongPhrase = slot === 'phrase' && signIn.error instanceof ApiError && signIn.error.code === 'sign-in-failed';
  return (
    <EntryFrame title={t.signIn.title} lead={t.signIn.lead}>
      <form onSubmit={submit} noValidate>
        <Stack>
          {notice && !signIn.error && <Alert color="gray" role="status">{notice}</Alert>}
          {signIn.error && (
            <Alert color="red" role="alert" icon={<IconAlertCircle size={18} />}>
              {isWrongPhrase ? t.errors.phraseFailed : describeError(signIn.error, t)}
            </Alert>
          )}
          <TextInput
            label={t.signIn.address}
            type="email"
            autoComplete="username"
            value={address}
            disabled={signIn.isPending}
            error={isChecked && missing.address && t.signIn.missingAddress}
            onChange={event => setAddress(event.currentTarget.value)}
          />
          {slot === 'password' ? (
            <PasswordInput label={t.signIn.password} autoComplete="current-password" {...secretInput} />
          ) : (
            <Textarea label={t.signIn.phrase} description={t.signIn.phraseHint} autoComplete="off" autoCapitalize="none" spellCheck={false} autosize minRows={3} {...secretInput} />
          )}
          <Button type="submit" loading={signIn.isPending} fullWidth mt="xs">{t.signIn.submit}</Button>
          <Button
            variant="subtle"
            disabled={signIn.isPending}
            onClick={() => {
              setSlot(slot === 'password' ? 'phrase' : 'password');
              setSecret('');
              setChecked(false);
              signIn.reset();
            }}
          >
            {slot === 'password' ? t.signIn.usePhrase : t.signIn.usePassword}
          </Button>
          <span className="visually-hidden" role="status">{signIn.isPending ? t.signIn.working : ''}</span>
        </Stack>
      </form>
    </EntryFrame>
  );
}
