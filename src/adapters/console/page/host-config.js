/** The renderer's measures and colours; colours are the stylesheet's variables, so dark and light follow at once. */
const colour = (name, subtle = name) => ({ default: `var(--${name})`, subtle: `var(--${subtle})` })

const foregroundColors = {
  default: colour('ink', 'ink-soft'),
  dark: colour('ink', 'ink-soft'),
  light: colour('ink-soft'),
  accent: colour('accent'),
  attention: colour('danger'),
  good: colour('good'),
  warning: colour('warning'),
}
const style = { backgroundColor: 'transparent', foregroundColors }
const fontSizes = { small: 12.5, default: 14.5, medium: 15.5, large: 18, extraLarge: 21 }
const fontWeights = { lighter: 400, default: 400, bolder: 640 }

export const hostConfig = {
  supportsInteractivity: true,
  spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 0 },
  separator: { lineThickness: 1, lineColor: 'var(--line)' },
  fontTypes: {
    default: { fontFamily: 'var(--font)', fontSizes, fontWeights },
    monospace: {
      fontFamily: 'var(--mono)',
      fontSizes: { ...fontSizes, small: 12, default: 13 },
      fontWeights,
    },
  },
  lineHeights: { small: 18, default: 21, medium: 23, large: 26, extraLarge: 29 },
  containerStyles: {
    default: style,
    emphasis: style,
    accent: style,
    good: style,
    attention: style,
    warning: style,
  },
  inputs: {
    label: {
      inputSpacing: 'small',
      requiredInputs: { weight: 'bolder', suffix: ' *', suffixColor: 'attention' },
      optionalInputs: { weight: 'bolder' },
    },
    errorMessage: { color: 'attention', weight: 'default', size: 'small' },
  },
  actions: {
    maxActions: 6,
    spacing: 'medium',
    buttonSpacing: 8,
    actionsOrientation: 'horizontal',
    actionAlignment: 'left',
  },
  adaptiveCard: { allowCustomStyle: false },
}
