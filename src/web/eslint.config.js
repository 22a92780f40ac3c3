import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** What a package of ours may import: keys stay in `crypto`, and `formats` and `ui` know nothing of the rest. */
function zone(folder, forbidden) {
  return {
    files: [`${folder}/**/*.{ts,tsx}`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: forbidden.map(group => ({ group: [group] })) }] },
  };
}

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', 'api/src/schema.ts', '**/*.js'] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  zone('formats', ['@appliance/*', 'openpgp', 'openpgp/*']),
  zone('api', ['@appliance/crypto', '@appliance/ui', '@appliance/mail', 'openpgp', 'openpgp/*']),
  zone('crypto', ['@appliance/ui', '@appliance/mail']),
  zone('ui', ['@appliance/api', '@appliance/crypto', '@appliance/mail', 'openpgp', 'openpgp/*']),
  zone('mail', ['openpgp', 'openpgp/*']),
  { files: ['{ui,mail}/**/*.{ts,tsx}'], ...reactHooks.configs.flat.recommended },
);
