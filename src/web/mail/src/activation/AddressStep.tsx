import type { LinkInfo } from '@appliance/crypto';
import { Alert, Button, Stack, TextInput } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { type SubmitEvent, useState } from 'react';
import { EntryFrame } from '../entry/EntryFrame.tsx';
import { describeError } from '../errors.ts';
import { useTexts } from '../texts/index.ts';

export interface AddressChoice { domain: string; address: string }

// The server decides; this catches slips of the hand.
const domainShape = /^(?=.{1,253}$)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]*$/u;
const localPartShape = /^[\p{L}\p{N}_+-]+(?:\.[\p{L}\p{N}_+-]+)*$/u;

/** What the link fixes is shown and cannot be changed. */
export function AddressStep({ link, before, error, onDone }: { link: LinkInfo; before: AddressChoice | null; error: unknown; onDone: (choice: AddressChoice) => void }) {
  const t = useTexts();
  const [domain, setDomain] = useState(link.domain ?? before?.domain ?? '');
  const [localPart, setLocalPart] = useState(before?.address.split('@')[0] ?? '');
  const [isChecked, setChecked] = useState(false);
  const chosen = domain.trim().toLowerCase();
  const address = link.address ?? `${localPart.trim()}@${chosen}`;
  const isDomainWrong = !link.domain && !domainShape.test(chosen);
  const isLocalPartWrong = !link.address && !localPartShape.test(localPart.trim());

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    setChecked(true);
    if (!isDomainWrong && !isLocalPartWrong) onDone({ domain: chosen, address });
  }

  const isSetup = link.kind === 'setup';
  return (
    <EntryFrame
      step={t.activation.step(1, 4)}
      title={isSetup ? t.activation.setupTitle : t.activation.inviteTitle}
      lead={isSetup ? t.activation.setupLead : t.activation.inviteLead(link.domain ?? link.address?.split('@')[1] ?? '')}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          {error !== null && <Alert color="red" role="alert" icon={<IconAlertCircle size={18} />}>{describeError(error, t)}</Alert>}
          <TextInput
            label={t.activation.domain}
            value={domain}
            readOnly={link.domain !== null}
            variant={link.domain !== null ? 'filled' : 'default'}
            description={link.domain === null ? t.activation.domainHint : undefined}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            error={isChecked && isDomainWrong && t.activation.domainInvalid}
            onChange={event => setDomain(event.currentTarget.value)}
          />
          {link.address !== null ? (
            <TextInput label={t.activation.address} value={link.address} readOnly variant="filled" />
          ) : (
            <TextInput
              label={t.activation.localPart}
              value={localPart}
              description={localPart.trim() && chosen ? t.activation.localPartHint(address) : '\u00a0'}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              error={isChecked && isLocalPartWrong && t.activation.localPartInvalid}
              onChange={event => setLocalPart(event.currentTarget.value)}
            />
          )}
          <Button type="submit" fullWidth mt="xs">{t.next}</Button>
        </Stack>
      </form>
    </EntryFrame>
  );
}
