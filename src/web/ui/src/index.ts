export * from './Boundary.tsx';
export * from './Choices.tsx';
export * from './format.ts';
export * from './language.tsx';
export * from './Logo.tsx';
export * from './MenuButton.tsx';
export * from './StateMessage.tsx';
export * from './theme.ts';
