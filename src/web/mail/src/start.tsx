import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import type { Vault } from '@appliance/crypto';
import { Boundary, LanguageProvider, theme, themeVariables } from '@appliance/ui';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { InsecurePage, isContextSecure } from './entry/InsecurePage.tsx';
import { PageFailed } from './entry/PageFailed.tsx';

/** Draws the client. The vault is made only where the browser lets keys be used at all. */
export function start(createVault: () => Vault): void {
  const root = document.getElementById('root');
  if (!root) throw new Error('The page has no #root.');
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={themeVariables} defaultColorScheme="auto">
        <LanguageProvider>
          <Boundary fallback={() => <PageFailed />}>
            <Notifications position="bottom-center" />
            {isContextSecure() ? <App vault={createVault()} /> : <InsecurePage />}
          </Boundary>
        </LanguageProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
