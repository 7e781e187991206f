import { CLASSES } from './classes'

/**
 * Names of concepts that mean or look like one of the 100 classes without naming it. Pre-training must not see them:
 * a `notification` is drawn as a bell, a `launch` as a rocket.
 */
const LOOKALIKES = new Set(
  `
  flight jet aircraft takeoff landing departure arrival airport travel | harbor marina port nautical
  react physics nuclear science | school-bag rucksack bag knapsack | party celebration | scan-code
  hotel lodging sleep bedroom motel bedtime single-bed | notification alarm notify alert concierge doorbell service-bell
  cycling cyclist biking bycicle cycle pedal | explosion explosive dynamite mine | bookmarked bookmarks save saved
  mind neurology intelligence neural psychology ai | suitcase work portfolio job business toolbox luggage case case-medical
  sweep clean cleaning brush brush-cleaning | insect debug spider ant beetle virus-bug | coach transit shuttle tram trolleybus
  public-transport train metro subway | moth | desert succulent | birthday cupcake pie dessert sweets pastry
  calc calculate calculation | date event schedule agenda day week month today year appointment due-date planner
  instagram photo photography photograph snapshot capture photos picture-camera polaroid screenshot webcam videocam
  taxi vehicle auto sedan suv cab driving drive transportation car-side directions-car automotive
  kitten kitty pet pets animal | time watch alarm history timer stopwatch recent wall-clock clockwise timelapse waiting
  overtime hour hours deadline pending pace schedule speed timing duration
  weather cloudy icloud onedrive overcast fog rain storm thunderstorm soundcloud drizzle haze mist partly-cloudy snowy
  rainy hail sleet showers thunder mostly-cloudy skydrive lightning-storm thunderstorms
  cafe tea cup mug java teacup hot-drink espresso latte drink beverage local-cafe tea-cup hot-tea cup-tea
  biscuit cracker | card payment pay visa mastercard debit-card bank-card card-payment atm-card creditcards
  king queen royal premium vip chess-queen chess-king | random gambling casino | genetic gene helix genetics genome biology biotech
  gym fitness weight workout weightlifting exercise kettlebell weights sport sports weight-lifting
  view visible show visibility preview vision look views hide hidden invisible unview eyeball see seen unhide watching
  movie video cinema clip touch-id biometric touchid finger-print biometrics faceid
  burn hot trending gas tinder bonfire heat campfire hotspot burning popular fireplace
  fishing seafood shark dolphin whale fishes aquarium goldfish | report milestone goal finish banner pennant checkered nation country
  beaker lab laboratory experiment chemistry test-tube vial potion labs erlenmeyer conical research chemical test poison
  rose tulip sunflower daisy hibiscus floral lotus bloom sakura rosette bouquet macro nature plant
  directory project archive dir directories | game joystick gaming games xbox playstation esports joypad stadia nintendo nintendo-switch psp
  snapchat halloween pacman pac-man spooky | reward rewards giftbox bonus
  sunglasses sunglasse spectacles goggle goggles reading incognito eyewear nerd private-browsing
  earth planet international language web internet website www global translation planet-earth online public geography site domain
  education academic university student graduate graduation degree learn college academy learning mortar-board course training scholarship
  violin banjo ukulele bass electric-bass cello fiddle | gavel auction mallet pickaxe build judge
  headset earphones earphone audio earbuds headset-mic earpods airpods listening listen
  love like favorite favourite health valentine wishlist favorites liked likes cardiology dating donate donation romance healthcare
  chopper helipad copter | homepage cottage household real-estate main hut barn building-house villa property residence mortgage
  sand-clock wait sandglass sand-timer loading egg-timer | popsicle gelato sundae icecream soft-serve ice-pop
  password passkey access credential vpn encryption-key | typing | macbook notebook computer pc chromebook monitor desktop
  notebook-computer device devices workstation screen
  idea lamp light tip hint inspiration innovation creative creativity tips suggestion lamp-on
  secure security unlock private locker https ssl encrypt encryption unlocked login-password privacy locker-room unlock-alt
  voice record podcast mike speech dictation recording karaoke recorder speak narration
  night dark-mode dark crescent theme lunar do-not-disturb ramadan nighttime good-night islam eclipse night-mode bedtime appearance
  landscape mountains hill volcano peak alps hiking terrain summit mount-fuji hills image photo-landscape scenery
  fungus fungi toadstool | music song note melody itunes sound musical tune quaver eighth-note sheet-music musics apple-music
  color paint art colors design painting colour artist painter theme-palette arts appearance
  attachment attach attachments attached | edit write pen compose crayon draw marker writing create stylus highlighter rename
  pen-nib author editing composer signature sign sketch
  electric socket outlet plugin connect power-cord cable charger disconnect connection connector power-socket electricity power-supply electrical
  print fax printing | extension addon add-on integration module jigsaw extensions plugins add-ons component game-piece
  android bot chatbot automation robotic robotics cyborg | launch startup spaceship boost space-shuttle spacecraft missile deploy start-up space
  measure measurement dimension measuring straightedge tape-measure measuring-tape
  boat ferry cruise sailboat shipping vessel yacht cargo sail speedboat motorboat freighter sailing water-transport
  basket trolley checkout buy purchase e-commerce ecommerce grocery shopping shop-cart groceries
  death dead skeleton danger pirate deadly crossbones toxic fatal
  snow winter freeze cold frost ac air-conditioning freezer cool snowing air-conditioner frozen cooling asterisk ice
  armchair chair furniture loveseat living-room living seat lounge
  rating rate sparkle review featured stars favourites grade sparkles half-star rated rate-review
  doctor physician medical
  light-mode sunny brightness sunshine clear summer solar daylight bright sunrise sunset daytime clear-day weather-sunny brightness-high
  brightness-low dawn dusk
  vaccine injection inject vaccination needle vaccines immunization syring
  clothes clothing apparel tee polo jersey wear fashion cloth cloths dress garment blouse
  astronomy observatory spyglass | camping campground campsite circus camp teepee
  temperature fever temp mercury weather-temperature heat degrees
  dental dentist teeth molar dentistry | hurricane cyclone whirlwind twister typhoon
  delete garbage remove rubbish dustbin waste garbage-can dump empty-trash discard del erase recycling litter deleted
  forest park woods pine evergreen wood deciduous palm xmas christmas hierarchy
  award winner prize champion win achievement championship tournament competition leaderboard achievements awards victory
  delivery van transport moving tow pickup camper caravan fire-engine logistics freight truck-delivery
  parasol beach insurance | accessible disabled accessibility handicap handicapped disability a11y accessible-forward
  tool tools repair fix maintenance service setup mechanic configure preferences utilities technical-service
  protect protection guard defense safety safe antivirus admin warranty verified security-check defender firewall protected
  `
    .split(/[\s|]+/)
    .filter(Boolean),
)

const NAMES = [...new Set([...Object.keys(CLASSES), ...Object.values(CLASSES).flat()])]
const LONG_NAMES = NAMES.map((name) => name.replaceAll('-', '')).filter((name) => name.length >= 6)

/**
 * Whether a concept is kept out of pre-training: it is one of the 100 classes, names one (`calendar-plus`, `user-heart`,
 * `videocamera`), or is listed as meaning or looking like one.
 */
export function isNearStreamClass(concept: string): boolean {
  if (LOOKALIKES.has(concept) || LOOKALIKES.has(`${concept}s`)) return true
  const padded = `-${concept}-`
  const glued = concept.replaceAll('-', '')
  return (
    NAMES.some((name) => padded.includes(`-${name}-`) || padded.includes(`-${name}s-`)) ||
    LONG_NAMES.some((name) => glued.includes(name))
  )
}
