/** A module as the text of a script of its own, with all that it imports: `tsup.web.config.ts` makes it. */
declare module 'worker-source:*' {
  const source: string
  export default source
}
