import { Alert, createTheme, Loader, type MantineColorsTuple } from '@mantine/core'

const union: MantineColorsTuple = [
  '#fdf0f0',
  '#f8dcdc',
  '#f0b4b5',
  '#e98a8c',
  '#e26669',
  '#d94a4f',
  '#cb2f36',
  '#b3131b',
  '#8f0f16',
  '#6c0a10',
]

/** The desk's look: the red of the other pages, text large enough to work with all day. */
export const theme = createTheme({
  colors: { union },
  primaryColor: 'union',
  primaryShade: { light: 7, dark: 6 },
  fontFamily: 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", sans-serif',
  defaultRadius: 'md',
  focusRing: 'always',
  autoContrast: true,
  components: {
    // Only what has a role may have a name.
    Loader: Loader.extend({ defaultProps: { role: 'status' } }),
    Alert: Alert.extend({ styles: { label: { color: 'var(--mantine-color-text)' } } }),
  },
})

/** The nonce with which the server lets this page write its own style rules. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? ''
}
