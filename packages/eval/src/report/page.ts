/** As much of a browser's window as the report's charts use. Written out, so that packages for Node need no browser types. */
export interface Page {
  readonly document: {
    readonly documentElement: PageElement
    readonly body: PageElement
    querySelectorAll(selector: string): Iterable<PageElement>
    getElementById(id: string): PageElement | null
  }
  readonly ResizeObserver: new (onResize: () => void) => { observe(element: PageElement): void }
  matchMedia(query: string): { readonly matches: boolean; addEventListener(type: 'change', listener: () => void): void }
  getComputedStyle(element: PageElement): { readonly fontFamily: string; getPropertyValue(name: string): string }
  addEventListener(type: 'beforeprint', listener: () => void): void
}

export interface PageElement {
  readonly clientWidth: number
  readonly clientHeight: number
  readonly dataset: Readonly<Record<string, string | undefined>>
  hidden: boolean
  tabIndex: number
  getAttribute(name: string): string | null
  setAttribute(name: string, value: string): void
  addEventListener(type: 'click' | 'keydown', listener: (event: { readonly key: string }) => void): void
  focus(): void
}
