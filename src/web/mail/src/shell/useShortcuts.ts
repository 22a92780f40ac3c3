import { useEffect, useEffectEvent } from 'react';

/** Single keys that work wherever nothing is being typed. Enter on a button or a link stays that button's. */
export function useShortcuts(isEnabled: boolean, actions: Readonly<Record<string, () => unknown>>): void {
  const act = useEffectEvent((event: KeyboardEvent) => {
    const action = actions[event.key];
    if (!isEnabled || !action || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(event.target instanceof Element) || isTyping(event.target)) return;
    if (event.key === 'Enter' && event.target.closest('a, button, [role=menuitem]')) return;
    if (event.target.closest('[role=dialog], [role=menu]')) return;
    event.preventDefault();
    action();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => act(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}

const isTyping = (target: Element): boolean => target.closest('input:not([type=radio]), textarea, select, [contenteditable]') !== null;
