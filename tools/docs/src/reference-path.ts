import type { Entry } from './entries'

/** Where the reference of an entry stands on the site: `@pilotjs/core/node` at `api/core/node`. */
export const referencePath = ({ name }: Pick<Entry, 'name'>): string => `api/${name.replace('@pilotjs/', '')}`
