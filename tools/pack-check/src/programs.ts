import type { Entry } from '../../docs/src/entries'

/** What a program imports, by name. */
const importable = (entries: readonly Entry[]) => entries.map(({ name }) => name)

/** An ES module that imports every entry and prints how many have exports. */
export const importsAll = (entries: readonly Entry[]): string =>
  [
    ...importable(entries).map((name, i) => `import * as m${i} from '${name}'`),
    `console.log([${entries.map((_, i) => `m${i}`).join(', ')}].filter((m) => Object.keys(m).length > 0).length)`,
  ].join('\n')

/** The same as a CommonJS program: Node `require`s ES modules since 20.19 and 22.12. */
export const requiresAll = (entries: readonly Entry[]): string =>
  `const all = ${JSON.stringify(importable(entries))}.map((name) => require(name))\n` +
  `console.log(all.filter((m) => Object.keys(m).length > 0).length)\n`

/** A TypeScript module that imports every entry, and uses a method with its options, so that types have to resolve. */
export const typesOfAll = (entries: readonly Entry[]): string =>
  [
    ...importable(entries).map((name, i) => `import * as m${i} from '${name}'`),
    `import { ranpac } from '@pilotjs/ranpac'`,
    `import type { Learner } from '@pilotjs/core'`,
    `const options: number = ranpac({ projectionSize: 100 }).options.projectionSize`,
    `// @ts-expect-error: an option that there is not`,
    `ranpac({ projektionSize: 100 })`,
    `export const readings = (learner: Learner) => Object.keys(learner.readings)`,
    `console.log(options, ${entries.map((_, i) => `m${i}`).join(', ')})`,
  ].join('\n')

/** Settings of a strict project. */
export const strictProject = (module: 'node16' | 'nodenext' | 'bundler', skipLibCheck: boolean) => ({
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    // TensorFlow.js' types name a global of `long`.
    types: ['node', 'long'],
    skipLibCheck,
    ...(module === 'bundler'
      ? { module: 'preserve', moduleResolution: 'bundler' }
      : { module, moduleResolution: module }),
  },
  files: ['types.ts'],
})
