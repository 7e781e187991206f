import * as z from 'zod'

/**
 * What of a run counts: the files of its last saved task, wherever they lie. It is one small object, replaced only by whoever
 * still has the claim; everything else is only ever added, under the fence of whoever adds it.
 */
export const headSchema = z.strictObject({
  format: z.literal(1),
  /** Of whoever may write. */
  fence: z.int(),
  /** Of whoever wrote it, each its own: no two heads of two writers are equal. */
  writer: z.uuid(),
  /** Whether the run came to its end. */
  complete: z.boolean(),
  /** Files of the run by their names. */
  files: z.record(
    z.string().regex(/^(\w[\w.-]*\/)*\w[\w.-]*$/, 'is no file of a run'),
    z.strictObject({ key: z.string(), sha256: z.string(), bytes: z.int() }),
  ),
})

export type Head = z.output<typeof headSchema>
export type StoredFile = Head['files'][string]
