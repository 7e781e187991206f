export type { Calibration, Classifier, LearnOptions, NamedProbability, Prediction, PredictOptions } from './classifier'
export type { CreateOptions, ForeignLearner, LoadOptions } from './classifiers-on'
export type { BackboneOffer } from './default-parts'
export type { ClassifierImage, DrawableImage, PixelImage } from './images/classifier-image'
