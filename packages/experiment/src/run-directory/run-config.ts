import { precisions } from '@pilotjs/core/backbones'
import * as z from 'zod'
import { streamConfigSchema } from './stream-config'
import { tuningSchema } from './tuning-schema'

/** What `config.json` holds: all that is needed to make the same run again. */
export const runConfigSchema = z.strictObject({
  format: z.literal(1).default(1),
  /** Name of the method, or of the npm package that holds it. */
  method: z.string().min(1),
  /** The method's options, complete: defaults of a later version can't change a run. */
  options: z.record(z.string(), z.json()).default({}),
  data: z.strictObject({
    /** A dataset's name, or the folder of one. */
    name: z.string().min(1),
    /** Folder that named datasets lie in. */
    root: z.string().optional(),
    /** Images of each class, where not all are taken. */
    perClass: z.strictObject({ train: z.int().positive().optional(), test: z.int().positive().optional() }).optional(),
    /** Part of each class that is kept to test with, where the folder has no split of its own. */
    testFraction: z.number().gt(0).lt(1).optional(),
    /** A part of the training images stands in for the test images, which are not read: how options are chosen. */
    validation: z
      .strictObject({ fraction: z.number().gt(0).lt(1), seed: z.int().nonnegative().default(1993) })
      .optional(),
    /** What folders without a split stand for, where they could be read either way. */
    kind: z.enum(['classes', 'domains']).optional(),
    /** How image files are turned that say how they are to be. Default: as they are stored, as torchvision does. */
    orientation: z.enum(['as-stored', 'upright']).optional(),
    /**
     * Classes that grow smaller and smaller: images of the smallest over those of the largest, and whether in the order they are
     * learned.
     */
    longTailed: z
      .strictObject({
        ratio: z.number().gt(0).max(1).default(0.01),
        arrangement: z.enum(['ordered', 'shuffled']).default('shuffled'),
      })
      .optional(),
  }),
  backbone: z.string().min(1),
  /** How images are prepared, where not as the backbone's weights want it: a preset, or `mean=…;std=…;interpolation=…;crop=…`. */
  preprocessing: z.string().min(1).optional(),
  /** What the backbone's weights are kept and multiplied in, where not floats of 32 bits. */
  precision: z.enum(precisions).optional(),
  /** `pilot`: what PILOT does, where that departs from the paper: transforms (pixels in 0 … 1) and the method's own `compat`. */
  compat: z.enum(['paper', 'pilot']).default('paper'),
  stream: streamConfigSchema,
  seed: z.int().nonnegative(),
  /** The engine that computes; equal numbers are promised on the same one only. */
  engine: z.string().default('auto'),
  /** Images per forward call when features are taken and images scored. Default: what suits the images and the memory. */
  scoreBatchSize: z.int().positive().optional(),
  /** How the options were chosen, where `pilot tune` chose them. */
  tuning: tuningSchema.optional(),
  /** What the run was started with; filled in by the run itself. */
  provenance: z
    .strictObject({
      /** Hash of the backbone's architecture, weights and precision: a resumed run refuses others. */
      backbone: z.string(),
      /** Where not `fp32`. */
      precision: z.enum(precisions).optional(),
      packages: z.record(z.string(), z.string()).default({}),
      started: z.string(),
    })
    .optional(),
})

export type RunConfig = z.output<typeof runConfigSchema>
export type RunConfigInput = z.input<typeof runConfigSchema>
