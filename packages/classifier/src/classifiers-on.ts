import { PilotError } from '@pilotjs/core'
import { nearestName } from '@pilotjs/core/names'
import type { Backbone, ConfiguredMethod, Learner, Method, StreamPlan } from '@pilotjs/core'
import type { RgbImage } from '@pilotjs/data'
import { dispose, engine } from '@tensorflow/tfjs-core'
import { assemble } from './assemble'
import type { Classifier } from './classifier'
import type { BackboneOffer } from './default-parts'
import { defaultBackbone, defaultMethod, isBackbone, loadPackagedBackbone } from './default-parts'
import type { Description } from './file/description'
import { readClassifierFile, readDescription } from './file/read-file'
import type { ClassifierImage } from './images/classifier-image'
import { readerOf } from './images/read-image'
import type { Platform } from './platform'
import { ingredientsOf } from './state/ingredients'
import { calibrated, nothingKnown } from './state/knowledge'
import type { Knowledge } from './state/knowledge'
import { sharedLearner } from './state/shared-learner'
import { textsIn } from './state/teach'

export interface CreateOptions {
  /** A method with its options, `ranpac({ ridge: 100 })`, or without. Default: SimpleCIL. */
  readonly method?: ConfiguredMethod | Method
  /**
   * A backbone, which stays the caller's, or what loads one: a backbone package's default export. Default: EfficientNet-Lite0 of
   * `@pilotjs/efficientnet-lite0`, for photographs.
   */
  readonly backbone?: BackboneOffer
  /** The same seed and images, the same classifier. Default 1993, as in `pilot run`. */
  readonly seed?: number
}

export interface LoadOptions {
  /** Methods that it may have been made with, or what finds one by name. SimpleCIL need not be given. */
  readonly methods?: readonly Method[] | ((name: string) => Method | Promise<Method>)
  /**
   * Backbones, or what loads them, of which the one with its name is taken; or what finds one by name, which is then the
   * classifier's to dispose of. Those of `@pilotjs` packages need not be given.
   */
  readonly backbones?: readonly BackboneOffer[] | ((name: string) => Promise<Backbone>)
}

/** A learner that learned elsewhere, as in a run, to be made a classifier. */
export interface ForeignLearner {
  /** Its state is copied; it stays the caller's. */
  readonly learner: Learner
  readonly method: ConfiguredMethod
  readonly backbone: Backbone
  readonly seed: number
  readonly classes: readonly string[]
  readonly tasks: number
  /** What the learner was told of its stream. */
  readonly plan?: StreamPlan
  /** How its images were prepared, where not as the backbone wants it. */
  readonly preprocessing?: Backbone['preprocessing']
  /** Images that it has not learned, by class: they calibrate its probabilities. */
  readonly heldOut?: Readonly<Record<string, readonly ClassifierImage[]>>
  /** Images that the learner's state names, its exemplars, by key. */
  exemplar?(key: string): RgbImage | undefined | Promise<RgbImage | undefined>
}

export interface Classifiers {
  createClassifier(options?: CreateOptions): Promise<Classifier>
  loadClassifier(saved: string | URL | Uint8Array | ArrayBuffer | Blob, options?: LoadOptions): Promise<Classifier>
  classifierFrom(foreign: ForeignLearner): Promise<Classifier>
}

/** Classifiers where images and files are read as `platform` says. */
export function classifiersOn(platform: Platform): Classifiers {
  const startEngine = async () => {
    if (!engine().backendName) await platform.startEngine()
  }
  return {
    async createClassifier({ method, backbone: given, seed = 1993 } = {}) {
      await startEngine()
      const configured = configuredOf(method ?? (await defaultMethod()))
      const own = !(given && isBackbone(given))
      const backbone = own ? await (given?.load() ?? loadPackagedBackbone(defaultBackbone)) : given
      const ingredients = ingredientsOf({ method: configured, backbone, seed, preprocessing: backbone.preprocessing })
      const letGo = () => (own ? backbone.dispose() : undefined)
      try {
        // What the method has against this backbone shows now, not when somebody teaches.
        configured.create({ backbone, seed }).dispose()
      } catch (error) {
        letGo()
        throw error
      }
      return assemble(nothingKnown, ingredients, platform, letGo)
    },

    async loadClassifier(saved, { methods = [], backbones = [] } = {}) {
      await startEngine()
      const bytes = await bytesOf(saved, platform)
      const description = readDescription(bytes)
      const method = await methodOf(description, methods)
      const { backbone, own } = await backboneOf(description, backbones)
      const { seed, plan, preprocessing } = description
      const letGo = () => (own ? backbone.dispose() : undefined)
      try {
        const ingredients = ingredientsOf({ method: method(description.options), backbone, seed, plan, preprocessing })
        const known = await knowledgeIn(bytes, description, () => ingredients.method.create({ backbone, seed, plan }))
        return assemble(known, ingredients, platform, letGo)
      } catch (error) {
        letGo()
        throw error
      }
    },

    async classifierFrom(foreign) {
      const { method, backbone, seed, plan, classes, tasks, heldOut = {} } = foreign
      const preprocessing = foreign.preprocessing ?? backbone.preprocessing
      const ingredients = ingredientsOf({ method, backbone, seed, plan, preprocessing })
      const learner = method.create({ backbone, seed, plan })
      try {
        const state = foreign.learner.state()
        learner.restore(state)
        const exemplars = new Map<string, RgbImage>()
        for (const key of textsIn(state.json)) {
          const image = await foreign.exemplar?.(key)
          if (image) exemplars.set(key, ingredients.preparation.shrink(image))
        }
        const images = await Promise.all(
          Object.entries(heldOut).flatMap(([name, some]) =>
            some.map(async (image) => ({
              label: classes.indexOf(name),
              taught: false,
              image: ingredients.preparation.shrink(await (await readerOf(image, platform))()),
            })),
          ),
        )
        const known = await calibrated({ images }, classes.length, learner, ingredients.preparation)
        const counts = classes.map(() => 0)
        return assemble(
          { ...nothingKnown, ...known, shared: sharedLearner(learner), tasks, classes, counts, exemplars },
          ingredients,
          platform,
        )
      } catch (error) {
        learner.dispose()
        throw error
      }
    },
  }
}

const configuredOf = (method: ConfiguredMethod | Method): ConfiguredMethod =>
  typeof method === 'function' ? method() : method

async function bytesOf(saved: string | URL | Uint8Array | ArrayBuffer | Blob, platform: Platform): Promise<Uint8Array> {
  if (typeof saved === 'string' || saved instanceof URL) return platform.read(saved)
  if (saved instanceof Uint8Array) return saved
  return new Uint8Array(saved instanceof ArrayBuffer ? saved : await saved.arrayBuffer())
}

/** @throws PilotError `unknown-method` */
async function methodOf({ method: name }: Description, methods: NonNullable<LoadOptions['methods']>): Promise<Method> {
  if (typeof methods === 'function') return methods(name)
  const given = methods.find((method) => method.name === name)
  if (given) return given
  const byDefault = await defaultMethod()
  if (byDefault.name === name) return byDefault
  const near = nearestName(
    name,
    methods.map((method) => method.name),
  )
  throw new PilotError(
    'unknown-method',
    `this classifier was made with the method "${name}": give it as one of \`methods\`${near === undefined ? '' : ` (there is "${near}")`}`,
    { method: name, methods: methods.map((method) => method.name) },
  )
}

/** @throws PilotError `no-backbone`, `backbone-changed` */
async function backboneOf(
  { backbone: { name, fingerprint } }: Description,
  offers: NonNullable<LoadOptions['backbones']>,
): Promise<{ readonly backbone: Backbone; readonly own: boolean }> {
  const list = typeof offers === 'function' ? [{ name, load: () => offers(name) }] : offers
  const offer = list.find((each) => each.name === name) ?? list.find(isBackbone)
  const own = !(offer && isBackbone(offer))
  const backbone = offer ? (isBackbone(offer) ? offer : await offer.load()) : await loadPackagedBackbone(name)
  const found = await backbone.fingerprint()
  if (found === fingerprint) return { backbone, own }
  if (own) backbone.dispose()
  throw new PilotError(
    'backbone-changed',
    `this classifier was taught with the backbone "${name}" (${fingerprint}), and "${backbone.name}" (${found}) has other weights: ` +
      'what it learned means nothing to them. Give the backbone that it was taught with',
    { backbone: name, fingerprint, given: backbone.name, found },
  )
}

async function knowledgeIn(bytes: Uint8Array, description: Description, create: () => Learner): Promise<Knowledge> {
  const file = await readClassifierFile(bytes, description)
  const { classes, counts, tasks, named, calibration } = description
  const rows = [...file.features]
  const whole = [...file.heldOutImages]
  const heldOut = {
    ...(description.heldOut.extractor !== undefined && { extractor: description.heldOut.extractor }),
    images: description.heldOut.images.map(({ label, taught, width }) =>
      width === undefined ? { label, taught, features: rows.shift()! } : { label, taught, image: whole.shift()! },
    ),
  }
  const known = { classes, counts, tasks, named, calibration, heldOut, exemplars: file.exemplars }
  if (!description.learner) return known
  const learner = create()
  try {
    learner.restore({ tensors: file.tensors, json: description.learner })
    return { ...known, shared: sharedLearner(learner) }
  } catch (error) {
    learner.dispose()
    throw error
  } finally {
    dispose(file.tensors)
  }
}
