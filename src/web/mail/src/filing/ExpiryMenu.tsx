import type { MessageItem } from '@appliance/crypto';
import { MenuButton } from '@appliance/ui';
import { Button, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCalendarTime, IconCheck, IconFlame, IconHourglass } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts } from '../texts/index.ts';

export interface ExpiryWish { at: string | null; burnAfterMinutes: number | null }

const hours = [1, 24, 7 * 24, 30 * 24] as const;
const burnMinutes = [5, 60, 24 * 60] as const;

/** When the member wants a message destroyed. */
export function ExpiryMenu({ item, onWish }: { item: MessageItem; onWish: (wish: ExpiryWish) => void }) {
  const t = useTexts();
  const [isChoosing, choosing] = useDisclosure();
  const { member = null, burnAfterMinutes = null } = item.expiry ?? {};
  const isSet = member !== null || burnAfterMinutes !== null;
  return (
    <>
      <MenuButton label={t.expiry.label} icon={<IconHourglass size={20} />} color={isSet ? undefined : 'gray'} width={240}>
        <Menu.Label>{t.expiry.after}</Menu.Label>
        {hours.map(count => (
          <Menu.Item key={count} leftSection={<IconHourglass size={16} />} onClick={() => onWish({ at: new Date(Date.now() + count * 3_600_000).toISOString(), burnAfterMinutes: null })}>
            {t.expiry.hours(count)}
          </Menu.Item>
        ))}
        <Menu.Item leftSection={<IconCalendarTime size={16} />} onClick={choosing.open}>{t.expiry.choose}</Menu.Item>
        <Menu.Label>{t.expiry.afterReading}</Menu.Label>
        {burnMinutes.map(count => (
          <Menu.Item
            key={count}
            leftSection={<IconFlame size={16} />}
            rightSection={burnAfterMinutes === count && <IconCheck size={16} />}
            onClick={() => onWish({ at: null, burnAfterMinutes: count })}
          >
            {t.expiry.minutes(count)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item disabled={!isSet} onClick={() => onWish({ at: null, burnAfterMinutes: null })}>{t.expiry.never}</Menu.Item>
      </MenuButton>
      <Modal opened={isChoosing} onClose={choosing.close} title={t.expiry.chooseTitle} closeButtonProps={{ 'aria-label': t.close }} size="sm">
        <ChooseTime
          onChosen={at => {
            choosing.close();
            onWish({ at, burnAfterMinutes: null });
          }}
          onCancel={choosing.close}
        />
      </Modal>
    </>
  );
}

function ChooseTime({ onChosen, onCancel }: { onChosen: (at: string) => void; onCancel: () => void }) {
  const t = useTexts();
  const [text, setText] = useState('');
  const [isWrong, setWrong] = useState(false);
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        const at = new Date(text);
        if (!(at.getTime() > Date.now())) setWrong(true);
        else onChosen(at.toISOString());
      }}
    >
      <Stack>
        <TextInput type="datetime-local" step={1} label={t.expiry.time} value={text} onChange={event => setText(event.currentTarget.value)} error={isWrong && t.expiry.past} data-autofocus />
        <Text size="sm" c="dimmed">{t.expiry.copies}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>{t.cancel}</Button>
          <Button type="submit">{t.expiry.set}</Button>
        </Group>
      </Stack>
    </form>
  );
}
