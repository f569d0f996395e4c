/** What of Adaptive Cards 1.5 we write: adaptivecards.io/explorer, and Teams' `msteams` for mentions. */
import type { ButtonAction } from './card.ts'

export type RunStyle = {
  weight?: 'Bolder'
  fontType?: 'Monospace'
  size?: 'Small' | 'Medium'
  isSubtle?: true
  color?: 'Attention'
  selectAction?: { type: 'Action.OpenUrl'; url: string }
}
export type TextRun = { type: 'TextRun'; text: string } & RunStyle
type Placing = { spacing?: 'None' | 'Small' | 'Medium'; separator?: true }
export type AdaptiveElement = Placing &
  (
    | { type: 'RichTextBlock'; inlines: TextRun[] }
    | {
        type: 'TextBlock'
        text: string
        wrap: true
        style?: 'heading'
        weight?: 'Bolder'
        size?: 'Small' | 'Medium'
      }
    | { type: 'ActionSet'; actions: AdaptiveAction[] }
    | AdaptiveInput
  )
type InputShape = { id: string; label: string; isRequired?: true; errorMessage?: string; value?: string }
export type AdaptiveInput = InputShape &
  (
    | { type: 'Input.Text'; isMultiline?: true; maxLength?: number }
    | { type: 'Input.ChoiceSet'; style: 'compact'; choices: { title: string; value: string }[] }
  )
type Style = { style?: 'positive' | 'destructive' }
export type AdaptiveExecute = Style & {
  type: 'Action.Execute'
  title: string
  verb: string
  data: { action: ButtonAction; confirm?: { title: string; text: string; yes: string } }
}
export type AdaptiveAction =
  | AdaptiveExecute
  /** Opens a dialog in Teams. */
  | (Style & {
      type: 'Action.Submit'
      title: string
      data: { msteams: { type: 'task/fetch' }; action: ButtonAction }
    })
  /** Asks before it is sent, in Teams. */
  | (Style & {
      type: 'Action.ShowCard'
      title: string
      card: { type: 'AdaptiveCard'; body: AdaptiveElement[]; actions: AdaptiveExecute[] }
    })
  | {
      type: 'Action.Submit'
      title: string
      data: { form: { operation: string; hidden: Record<string, unknown> } }
    }
/** Teams asks for these viewers' own views of a card by itself: at most 60. */
export type AdaptiveRefresh = { action: AdaptiveExecute; userIds?: string[] }
export type Mention = { type: 'mention'; text: string; mentioned: { id: string; name: string } }
export type AdaptiveCardJson = {
  type: 'AdaptiveCard'
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json'
  version: '1.5'
  fallbackText: string
  refresh?: AdaptiveRefresh
  body: AdaptiveElement[]
  actions?: AdaptiveAction[]
  msteams?: { entities: Mention[] }
}
