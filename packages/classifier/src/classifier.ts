import type { ProgressEvent } from '@pilotjs/core'
import type { ClassifierImage } from './images/classifier-image'

/** A name, and how probable it is that the image shows that, 0 … 1. */
export interface NamedProbability {
  readonly name: string
  readonly probability: number
}

/** What a classifier makes of an image: names with probabilities, best first. */
export interface Prediction extends ReadonlyArray<NamedProbability> {
  /** How little the image looks like any class it knows, 0 … 1; ½ where its best score is `calibration.unknownThreshold`. */
  readonly unknown: number
  /** Whether that is more than ½: then the image shows something else, probably. */
  readonly isUnknown: boolean
}

/** How scores become probabilities: chosen anew after everything that is learned or removed. */
export interface Calibration {
  /** Probabilities are the softmax of scores / temperature. */
  readonly temperature: number
  /** Images that chose it and were not learned. */
  readonly heldOut: number
  /**
   * Learned images that stood in for classes of which none was held out: they flatter, so that probabilities come out too large.
   */
  readonly taught: number
  /** The best score below which an image counts as unknown; null while there is no image to tell by. */
  readonly unknownThreshold: number | null
}

export interface LearnOptions {
  /** Aborted, the classifier stays as it was. */
  readonly signal?: AbortSignal
  onProgress?(event: ProgressEvent): void
}

export interface PredictOptions {
  /** How many names a prediction has. Default: all. */
  readonly top?: number
}

/** A learner with class names, images as people have them, and a place on disk. */
export interface Classifier {
  /** The names, in the order in which they came. */
  readonly classes: readonly string[]
  /** How many images each class has had, those kept back included; 0 for one that was learned elsewhere. */
  readonly counts: Readonly<Record<string, number>>
  /** Names of what it is made of. */
  readonly method: string
  readonly backbone: string
  readonly calibration: Calibration
  /**
   * Teaches images by class: new classes, or more images of known ones where the method takes them. All of it is learned, or,
   * where an image cannot be read or `signal` is aborted, nothing. Every fifth image of a class, up to ten, is kept back to
   * calibrate with.
   * @throws PilotError `no-images`, `unknown-image`, `cannot-add-images`; DataError naming an image file that cannot be read
   */
  learn(
    images: Readonly<Record<string, ClassifierImage | readonly ClassifierImage[]>>,
    options?: LearnOptions,
  ): Promise<void>
  /** More images of one class. @throws PilotError as `learn`, and `unknown-class` where it does not know the class */
  addImages(name: string, images: ClassifierImage | readonly ClassifierImage[], options?: LearnOptions): Promise<void>
  /**
   * Names what is on an image. While something is being learned, by what was known before that.
   * @throws PilotError `nothing-learned`; as `learn` for images
   */
  predict(image: ClassifierImage, options?: PredictOptions): Promise<Prediction>
  predict(images: readonly ClassifierImage[], options?: PredictOptions): Promise<Prediction[]>
  /** @throws PilotError `unknown-class`, `class-exists` */
  renameClass(name: string, to: string): Promise<void>
  /**
   * Forgets a class exactly, as if it had never been taught.
   * @throws PilotError `unknown-class`, `cannot-remove-class` where the method cannot do that
   */
  removeClass(name: string): Promise<void>
  /**
   * Makes several classes one, exactly, as if all their images had been taught under one name; the first one's place is its
   * place.
   * @param name of the class they become, which may be one of theirs
   * @throws PilotError `unknown-class`, `class-exists`, `cannot-merge-classes` where the method cannot do that
   */
  mergeClasses(names: readonly string[], name: string): Promise<void>
  /** The classifier as the bytes of one safetensors file, for `loadClassifier`. */
  save(): Promise<Uint8Array<ArrayBuffer>>
  /**
   * Writes that file, all of it or nothing; a place without an ending is a folder, which gets a `classifier.safetensors`. Node
   * only.
   */
  save(place: string | URL): Promise<void>
  /** Lets go of what it keeps on the engine. A backbone that it was given stays. */
  dispose(): void
}
