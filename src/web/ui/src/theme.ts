import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';
import './theme.css';

/** One accent, pine, over neutrals with a trace of it; lines instead of shadows; steps of 8 px. Text meets WCAG AA on every surface. */
const pine: MantineColorsTuple = ['#eef6f2', '#dcebe4', '#b7d8ca', '#8fc4ae', '#6db396', '#4f9f80', '#358063', '#27705a', '#1d5a48', '#123f32'];
const gray: MantineColorsTuple = ['#f7f8f6', '#f0f2ef', '#e6e9e5', '#d9ddd8', '#c5cbc5', '#a3aaa4', '#7d857f', '#545c57', '#363c38', '#1d211f'];
const dark: MantineColorsTuple = ['#e4e8e5', '#c2c8c4', '#a0a8a3', '#737b76', '#454c48', '#343a37', '#272c29', '#171a19', '#121513', '#0c0e0d'];

export const theme = createTheme({
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 6 },
  colors: { pine, gray, dark },
  black: '#1d211f',
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '20px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '28px', lineHeight: '36px' }, h2: { fontSize: '20px', lineHeight: '28px' }, h3: { fontSize: '16px', lineHeight: '24px' } } },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: { centered: true, shadow: 'none', overlayProps: { backgroundOpacity: 0.35 } }, styles: { title: { fontWeight: 600 } } },
    Menu: { defaultProps: { shadow: 'sm', radius: 'md' } },
    Popover: { defaultProps: { shadow: 'sm', radius: 'md' } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: false } },
  },
});

export const themeVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5a625d',
    '--mantine-color-placeholder': '#6b736e',
    '--mantine-color-default-border': '#d9ddd8',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-red-text': '#b3261e',
    '--mantine-color-yellow-light-color': '#8a4b00',
    '--surface-side': '#f4f6f3',
    '--surface-hover': '#f3f5f2',
    '--surface-selected': '#e6f0eb',
    '--line': '#e3e7e2',
    '--arrival': '#d5e9df',
    '--accent-text': '#1d5a48',
  },
  dark: {
    '--mantine-color-dimmed': '#a3aba6',
    '--mantine-color-placeholder': '#949c97',
    '--mantine-color-default-border': '#3a413d',
    '--mantine-color-error': '#ff9d94',
    '--surface-side': '#121513',
    '--surface-hover': '#1e2220',
    '--surface-selected': '#1f2f29',
    '--line': '#282d2a',
    '--arrival': '#274438',
    '--accent-text': '#8fc4ae',
    '--mantine-color-pine-light': '#1f3a30',
    '--mantine-color-pine-light-color': '#a9d5c3',
    '--mantine-color-gray-light': '#272c29',
    '--mantine-color-gray-light-color': '#c2c8c4',
  },
});
