import type { Page } from '../page'

/** What charts are drawn with: the page's colours, and axes, tooltips and legends that look alike. */
export type ChartKit = ReturnType<typeof chartKit>

/**
 * Its text is put into the page and runs there: it uses nothing but its arguments.
 * @param own number of the colour that the chart's run has
 */
export function chartKit(page: Page, own: number) {
  const { document } = page
  const dark = page.matchMedia('(prefers-color-scheme: dark)').matches
  const calm = page.matchMedia('(prefers-reduced-motion: reduce)')
  const color = (name: string) => page.getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  const escape = (text: string) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  const hundredth = (value: number) => value.toFixed(2)

  const axis = (name: string, more: object = {}) => ({
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: color('quiet'), fontSize: 12 },
    axisLabel: { color: color('quiet'), fontSize: 11 },
    axisLine: { lineStyle: { color: color('line') } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: color('line'), type: 'dashed' } },
    ...more,
  })
  const across = (name: string, more: object = {}) =>
    axis(name, { type: 'category', nameGap: 28, splitLine: { show: false }, ...more })
  const upwards = (name: string, more: object = {}) =>
    axis(name, { type: 'value', nameGap: 40, axisLine: { show: false }, ...more })
  const tooltip = (more: object) => ({
    confine: true,
    backgroundColor: color('card'),
    borderColor: color('line'),
    textStyle: { color: color('ink'), fontSize: 13 },
    ...more,
  })
  const legend = (more: object = {}) => ({
    top: 0,
    left: 0,
    icon: 'roundRect',
    itemWidth: 14,
    itemHeight: 4,
    textStyle: { color: color('ink') },
    ...more,
  })
  /** Shows a line as it is drawn: solid and dashed ones can have a colour in common. */
  const lineLegend = (more: object = {}) => legend({ icon: undefined, itemWidth: 26, itemHeight: 8, ...more })
  /** What colours of cells mean, from nothing to `most`, below the chart. */
  const heatScale = (most: number, name: string) => ({
    min: 0,
    max: most,
    orient: 'horizontal',
    left: 'center',
    bottom: 0,
    itemHeight: 150,
    itemWidth: 10,
    precision: 0,
    text: [name, '0'],
    textStyle: { color: color('quiet') },
    inRange: { color: [0, 1, 2, 3].map((step) => color(`heat${step}`)) },
  })
  const base = {
    aria: { enabled: true },
    animation: !calm.matches,
    animationDuration: 300,
    textStyle: { fontFamily: page.getComputedStyle(document.body).fontFamily },
  }

  /** Room that names take along an axis, in pixels, and how much of each fits. */
  const namesRoom = (names: readonly string[], most: number) =>
    Math.min(most, 16 + 6 * names.reduce((longest, name) => Math.max(longest, name.length), 0))
  /** Labels of classes: every name where there is room for a line of text each, else as many as fit. */
  const classLabels = (names: readonly string[], extent: number, room: number, more: object = {}) => ({
    color: color('quiet'),
    fontSize: extent / names.length < 12 ? 9 : 11,
    interval: extent / names.length >= 9 ? 0 : 'auto',
    width: room - 8,
    overflow: 'truncate',
    ...more,
  })

  return {
    dark,
    /** A colour of the style sheet, by its name. */
    color,
    /** The run's own colour. */
    series: color(`s${own}`),
    heatScale,
    escape,
    hundredth,
    across,
    upwards,
    tooltip,
    legend,
    lineLegend,
    base,
    namesRoom,
    classLabels,
  }
}
