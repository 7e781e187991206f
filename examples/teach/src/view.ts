import type { Prediction } from '@pilotjs/classifier'

/** An element of the page. */
export function find<T extends HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector)
  if (!found) throw new Error(`the page has no ${selector}`)
  return found
}

/** How many names are shown. */
const most = 5

/** What it makes of an image: in words, and as bars. */
export function showPrediction(prediction: Prediction | undefined): void {
  const verdict = find('#verdict')
  const best = prediction?.[0]
  verdict.classList.toggle('unknown', prediction?.isUnknown === true)
  verdict.textContent = !best
    ? 'Nothing yet.'
    : prediction.isUnknown
      ? `${best.name}? Or something new`
      : `${best.name}, ${percent(best.probability)}`
  find('#bars').replaceChildren(
    ...(prediction ?? []).slice(0, most).map(({ name, probability }) => {
      const row = document.createElement('li')
      row.style.setProperty('--share', `${probability * 100}%`)
      row.append(textOf('span', name), textOf('span', percent(probability)))
      return row
    }),
  )
}

export function showClasses(
  classes: readonly string[],
  counts: Readonly<Record<string, number>>,
  onForget: (name: string) => void,
): void {
  find('#nothing').hidden = classes.length > 0
  find('#classes').replaceChildren(
    ...classes.map((name) => {
      const forget = textOf('button', '×')
      forget.setAttribute('aria-label', `Forget ${name}`)
      forget.title = `Forget ${name}`
      forget.addEventListener('click', () => onForget(name))
      const row = document.createElement('li')
      row.append(textOf('span', name), textOf('small', String(counts[name] ?? '')), forget)
      return row
    }),
  )
  find('#known').replaceChildren(
    ...classes.map((name) => Object.assign(document.createElement('option'), { value: name })),
  )
}

export function showStatus(text: string, isWrong = false): void {
  const status = find('#status')
  status.textContent = text
  status.classList.toggle('wrong', isWrong)
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

function textOf(tag: string, text: string): HTMLElement {
  return Object.assign(document.createElement(tag), { textContent: text })
}
