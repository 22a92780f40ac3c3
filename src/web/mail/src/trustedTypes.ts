/**
 * What may reach a sink that could run script, now that the page's policy asks for Trusted Types. Imported before anything else. Mail passes as
 * DOMPurify's own type and the vault's worker under a policy of its own; strings pass only as Mantine's style sheets, which hold no `<`.
 */
export const rules = {
  createHTML(html: string): string {
    if (html.includes('<')) throw new TypeError('Markup must come from DOMPurify.');
    return html;
  },
};

/** TypeScript's DOM library does not know the API, and older browsers have none. */
interface TrustedTypes { createPolicy(name: 'default', policy: typeof rules): unknown }

// The development server asks for no Trusted Types.
if (import.meta.env.PROD) (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('default', rules);
