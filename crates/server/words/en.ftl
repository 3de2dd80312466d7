# Every word that croft's pages say, in English. Another language is a file beside this one, named by its tag (de.ftl, pt-BR.ftl) with
# the same keys; what it lacks is said in English. Keys are grouped by where they are said; a page adds its own group.

language-name = English

## The frame

skip-to-content = Skip to the content
main-navigation = Main navigation
trail = Where this page stands
role = Role
blinded = Blinded
unblinded = Unblinded
open-label = Open label
training = Training.
training-means = Nothing here is real data.
saved = Saved
saving = Saving…
unsaved = Not saved yet
save-failed = Not saved: no answer from the server
account = Account
sign-out = Sign out
times-are = Times are
close = Close
panel-label = Beside the page
tone-done = Done.
tone-warning = Note well.
tone-failed = Not done.
tone-note = For information.

## Parts of the house and of a study

part-work = My work
part-studies = Studies
part-people = People and access
part-audit = Audit
part-home = Overview
part-subjects = Subjects
part-queries = Queries
part-verification = Verification
part-signatures = Signatures
part-randomisation = Randomisation
part-supply = Supply
part-definition = Definition
part-data = Import and export
part-lock = Lock
part-access = Access

## Keys

keys = Keys
key-find = Find a subject, form, item, page or command
key-save = Save the form
key-escape = Close what is open
key-arrows = Move between the cells of a table
key-history = History of the value in focus; Alt+H in a box
key-help = This list
keys-off-where = Single-letter keys can be turned off in
find = Find
find-label = Find a subject, form, item, page or command
find-hint = Type, then choose with the arrow keys and Enter.
find-none = Nothing found

## Forms and tables

errors-title = { $count ->
    [one] One thing is wrong
   *[other] { $count } things are wrong
}
pages = Pages of this table
previous = Previous
next = Next
in-all = { $total ->
    [one] One in all
   *[other] { $total } in all
}
chart-empty = Nothing to draw yet.
chart-data = The data as a table
chart-date = Date

## States

status-empty = Empty
status-overdue = Overdue
status-started = Started
status-done = Complete
status-query-open = Query open
status-query-answered = Query answered
status-query-closed = Query closed
status-cancelled = Cancelled
status-verified = Verified
status-signed = Signed
status-frozen = Frozen
status-locked = Locked
status-not-done = Not done
status-voided = Voided

## What went wrong

problem-bad-request = This request makes no sense here
problem-sign-in-first = Sign in first
problem-denied = You may not do this
problem-not-found = There is no such page
problem-method = This address does not do that
problem-slow = The request took too long to arrive
problem-conflict = This cannot be done as things stand
problem-too-large = This is too large
problem-media-type = This kind of content is not read here
problem-invalid = Some values do not fit
problem-locked = This is locked
problem-too-often = Too many tries
problem-unavailable = The answer took too long
problem-internal = Something failed on our side
problem-reference = Reference number for whoever helps you:
problem-home = To the start page
hint-too-often = { $seconds ->
    [one] Try again in a second.
   *[other] Try again in { $seconds } seconds.
}
hint-sign-in-first = Sign in, or send a key that is valid.
hint-denied = If your work needs it, ask whoever manages access to your study.
hint-not-found = Check the address. You also see this where your role may not look.
hint-internal = Nothing that was confirmed as saved is lost. Try again; if it happens again, report the reference number.
hint-go-back = Go back, check what was entered, and try again.
csrf-refused = The form did not come from a page of this server in this browser, or its session has ended
csrf-hint = Go back, load the page again, and send it once more. Cookies must be allowed.
form-expected = Send a form, or the token of a page along
only-over-tls = This server is used over https; the proxy passed plain http on
host-unknown = This server is not reached under that name
host-hint = Use http://127.0.0.1 or http://localhost with its port.

## Preferences

preferences = Preferences
theme = Ground
theme-system = As the system has it
theme-light = Light
theme-dark = Dark
language = Language
keys-on = Single-letter keys act
keys-on-hint = Such as ? for the list of keys. Turn them off if you use speech input.
preferences-keep = Keep preferences
preferences-kept = The preferences are kept in this browser.

## Sign in

sign-in = Sign in
sign-in-account = Account
sign-in-password = Password
sign-in-code = Code
sign-in-code-hint = From your authenticator app, or a recovery code. Leave it empty if you use none.

## Study overview

home-no-version = No definition is published yet
home-publish = Publish a version
home-no-site = No site is open yet
home-open-site = Open a site
home-no-subject = Nobody is enrolled yet
home-enrolled = Enrolled
home-withdrawn = Left the study
home-complete = Forms complete
home-forms-complete = Forms complete
home-verified = Items verified
home-signed = Forms signed
home-queries-open = Queries open
home-queries-answered = Queries answered
home-recruitment = Recruitment
home-planned = Planned
home-ageing = Queries by age
home-age-week = up to 7
home-age-fortnight = 8 to 14
home-age-month = 15 to 28
home-age-older = older
home-sites = Sites
locked-by = Locked by { $name }
site = Site
site-name = Name
site-country = Country
site-state = State
site-open = Open
site-closed = Closed

## Subjects

subject = Subject
subject-number = Subject number
subject-state = State
casebook = Casebook (PDF)
subject-enrolled = Takes part
subject-withdrawn = Left
subject-title = Subject { $subject }
subject-visits = Visits
all-sites = All sites
filter = Show
legend = What the shapes mean
matrix-all = All
matrix-caption = Subjects by visits
matrix-empty = No subjects here
matrix-empty-hint = Enrol the first one below, or show more with the filter.
matrix-enrol = Enrol a subject
matrix-incomplete = Forms not complete
matrix-with-queries = Queries waiting
enrol-number-hint = Leave it empty and the next number of the site is given.
enrolled = Subject { $subject } is enrolled
withdraw = The subject leaves the study
withdraw-means = What is recorded stays. No further scheduled visits are expected.
withdraw-why = Why
withdraw-subject = Record that { $subject } leaves
withdrawn = It is recorded that the subject has left
logs = Logs
log-add = Add a row
log-empty = No rows yet

## Visits

visit = Visit
visit-add = Add a visit
visit-added = The visit is there
visit-date = Date
visit-date-hint = Such as 3mar24, 0303 or 2024-03-03
visit-day = Day
visit-forms = Forms of { $visit }
visit-no-forms = No forms here.
visit-outside = outside the window
visit-planned = Planned
visit-window = Window

## Form

form = Form
form-ask = Ask about the whole form
form-complete = The form is complete
form-complete-hint = Tick it when everything that can be known is entered. It can be signed then.
form-conflict = Somebody else changed this in between. Your value stands in the field; the recorded one is beside it.
form-draft-discard = Discard the draft
form-draft-old = A draft of yours from an older state of this form, kept at
form-draft-taken = Your draft is in the fields; it is not saved yet. Kept at
form-freeze = Freeze
form-unfreeze = Unfreeze
form-frozen = This form is frozen. A data manager can unfreeze it, with a reason.
form-locked = The study is locked. Nothing here can change.
form-not-asked = By the study's definition this form is not asked of this subject. It can be filled all the same.
form-items = Items
form-items-verified = Verified
form-queries = Queries
form-key-next = The next field
form-nothing-new = Nothing was changed
form-reason = Why is it changed?
form-reason-hint = One reason for all changes; a reason beside an item goes before it.
form-save = Save
form-save-next = Save, then the next form
form-saved = { $count ->
    [one] One item saved
   *[other] { $count } items saved
}
form-saved-queries = { $count ->
    [one] One item saved
   *[other] { $count } items saved
}; { $queries ->
    [one] a check asks one question
   *[other] checks ask { $queries } questions
}
form-siblings = Forms of this visit
form-sign = Sign this form
form-verified = { $count ->
    [0] Nothing was left to verify
    [one] One item verified
   *[other] { $count } items verified
}
form-verify-all = { $count ->
    [one] Verify the item that is due
   *[other] Verify the { $count } items that are due
}
signed-by = Signed by { $name }
cell-name = { $item }, row { $row }
group-empty = No rows.
group-from-file = Filled from files of the laboratory.
group-not-asked = { $group }: not asked of this subject.
hint-date = 3mar24, 0303 or 2024-03-03
hint-partial-date = 3mar24, 0303, mar24 or UNK; what is not known is left out
hint-datetime = 3mar24 14:05
hint-time = 14:05 or 1405
item-computed = (computed)
item-hidden = Recorded, and kept apart
item-history = History
item-missing = Why there is no value: { $item }
item-missing-none = –
item-none = No choice
item-reason = Why { $item } is changed
item-recorded-now = Recorded now:
item-required = Required
item-unit = Unit of { $item }
item-verify = Verify this item
item-unverify = Take the verification back
items-not-asked = { $count ->
    [one] One item is not asked here
   *[other] { $count } items are not asked here
}
row-name = { $group } { $row }
row-number = Row
row-void = Void
row-void-this = This row was entered by mistake
row-void-why = Why

## History of an item

history = History
history-of = History of { $item }
history-back = Back to the field
history-empty = Nothing is recorded yet
history-when = When
history-what = What
history-before = Before
history-after = After
history-who = Who
history-why = Why
history-event = Event
did-enter = Entered
did-amend = Changed
did-import = Imported
did-derive = Computed
did-void = Voided
did-verify = Verified
did-unverify = Verification taken back
did-ask = Query opened
did-answer = Query answered
did-close = Query closed
did-reopen = Query reopened
did-cancel = Query cancelled

## Queries

query-status = Status
query-number = No. { $number }
query-say = Your words
query-question = Question
query-open = Open a query
query-opened = The query is open
query-says-nothing = Write what you ask
query-answer = Answer
query-close = Close
query-reopen = Reopen
query-cancel = Cancel the query

## Signatures

sign-subject = Sign all forms of the subject
sign-visit = Sign this visit
sign-forms = Forms
sign-meaning = Meaning
signer = Name

## Freeze, lock, unlock

freeze = Freeze
unfreeze = Unfreeze
freeze-means = Nobody can change what is frozen until it is unfrozen, with a reason.
unfreeze-means = It can be changed again after this.
unfreeze-why = Why it is unfrozen
freeze-sites = Freeze a whole site
freeze-subject = Freeze the subject's forms
unfreeze-subject = Unfreeze the subject's forms
frozen-now = { $count ->
    [one] One form is frozen
   *[other] { $count } forms are frozen
}
unfrozen-now = { $count ->
    [one] One form can be changed again
   *[other] { $count } forms can be changed again
}
lock-study = Lock the study
lock-deed = Lock { $study }
lock-means = A locked study takes no change from anybody. Two people can unlock it: one asks with a reason, another agrees.
lock-clear = Nothing stands in the way of a lock.
lock-obstacles = In the way of a lock
lock-what = What
lock-count = How many
lock-more = { $count ->
    [one] and one more
   *[other] and { $count } more
}
lock-in-spite = Why it is locked in spite of these
lock-in-spite-hint = It stands in the audit trail beside the counts.
locked-now = { $study } is locked
obstacle-open-query = Queries open
obstacle-answered-query = Queries answered, not closed
obstacle-incomplete = Forms not complete
obstacle-unsigned = Forms not signed
obstacle-unverified = Items not verified
obstacle-unfilled = Forms not filled
unlock-ask = Ask to unlock
unlock-why = Why it must be unlocked
unlock-two = Unlocking takes two people.
unlock-asked-now = Asked. Another person can agree now.
unlock-waits = { $name } asks to unlock this study, since
unlock-agree = Agree to unlock
unlock-agree-deed = Unlock { $study }
unlocked-now = { $study } is open again

## Signing in

sign-in-wrong = This account and password do not fit together
sign-in-code-needed = This account asks for a code as well
sign-in-code-wrong = The code is wrong, or was used already
sign-in-wait = { $minutes ->
    [one] Too many wrong tries. Wait a minute.
   *[other] Too many wrong tries. Wait { $minutes } minutes.
}
signed-out = You have signed out.
password-rules = At least 12 characters. A sentence that only you would say is good; what is often used, and your own account, are not taken.
password-new = New password
password-again = The same again
password-set = Set the password
password-differs = The two are not the same
password-kept = The password is set. Sign in with it.

## My work and studies

work-none = Nothing waits for you
work-answer = { $count ->
    [one] One query waits for an answer
   *[other] { $count } queries wait for an answer
}
work-close = { $count ->
    [one] One answered query waits to be closed
   *[other] { $count } answered queries wait to be closed
}
work-sign = { $count ->
    [one] One complete form waits for a signature
   *[other] { $count } complete forms wait for a signature
}
work-verify = { $count ->
    [one] One item is not verified
   *[other] { $count } items are not verified
}
work-unlock = Somebody asks to unlock the study
study = Study
study-id = Identifier
study-id-hint = Letters, digits and hyphens, such as CRB101. It never changes.
study-title = Title
study-kind = Kind
study-version = Version
study-create = Create a study
study-created = Study { $study } is created, with its training twin
studies-none = No study is open to you
training-study = Training
real-study = Production

## Queries as a list

query = Query
item = Item
query-last = Last word
query-age = Age
queries-none = No queries here
queries-none-hint = Show others with the filter.
query-said = Query { $number }: it is said
query-closing = Closed

## Signing

sign = Sign
sign-title = Sign for subject { $subject }
sign-covers = What is signed
sign-nothing = Nothing is recorded here yet
sign-next = Next step
sign-none = Nothing waits for your signature
sign-none-hint = A form can be signed when it is complete.
sign-not-ready = { $count ->
    [one] one form is not complete
   *[other] { $count } forms are not complete
}
sign-meaning-default = I have reviewed these data and confirm that they are accurate and complete.
sign-meaning-hint = It is printed beside your name, the date and the time wherever these data are shown.
sign-deed = { $count ->
    [one] Sign one form
   *[other] Sign { $count } forms
}
signed-now = Signed. A later change of any value makes the signature void.

## Verification

verification-means = Open a form beside its source, compare, and verify item by item or all that are due. A change of an item takes its verification away.
verification-due = Not verified yet
verification-items = Items due
verification-none = Nothing is due for verification here
verification-none-hint = Show all to see what is verified.

## Definition

yes = yes
definition-new = Prepare a version
definition-versions = Versions
definition-note = What it is for
definition-note-hint = Such as: protocol amendment 2
definition-digest = Digest
definition-schedule = Forms at visits
definition-forms = Forms and items
definition-label = Label
definition-type = Type
definition-unit = Unit
definition-critical = Critical
definition-codes = Codes
definition-when = Condition or computation
definition-texts = Texts of version { $number }
definition-new-file = One more file
definition-new-name = Name
definition-new-hint = Such as forms/ae.toml. A file that is emptied is left out.
definition-new-text = Text
definition-check = Check and show the changes
definition-faults = { $count ->
    [one] It cannot be published: one thing is wrong
   *[other] It cannot be published: { $count } things are wrong
}
definition-passes = The texts compile and their worked examples pass.
definition-changes = Changes against the current version
definition-first = Nothing differs, or this is the first version.
definition-publish = Sign and publish
definition-published = Version { $number } is published

## People and access

people-roles = Roles
people-no-roles = No roles yet
account-name = Name as printed
account-name-hint = As it stands beside signatures and in the audit trail.
account-login-hint = What the person types to sign in. It never changes.
account-email = E-mail
account-email-hint = Kept apart and encrypted.
account-create = Invite a person
account-enabled = Active
account-disabled = Disabled
account-enable = Enable the account
account-disable = Disable the account
account-enabled-now = The account can be used again
account-disabled-now = The account is disabled; its sessions have ended
account-since = Since
account-reset = Make a link to set a new password
link-title = A link for { $account }
link-means = Give this link to the person. It works once, for three days, and is shown only now.
link-next = Next: give a role
grant-everywhere = Everywhere
grant-give = Give a role
grant-given = The role is given
grant-revoke = Take back
grant-revoked = The role is taken back
grant-from = From
grant-to = Until
grant-to-hint = Such as 2026-12-31; empty: until it is taken back
grant-site-hint = Empty: all sites
grant-country-hint = Three letters, such as DEU
trainings = Trainings
training-title = Training
training-record = Record a training
training-recorded = The training is recorded
access-at = On
access-at-hint = A date such as 2026-03-16; empty: now
access-date-wrong = This is no date
access-list = Who may do what
access-none = Nobody had a role then
site-code = Code
site-close = Close to enrolment
site-opened = Site { $site } is open
site-closed-now = Site { $site } is closed to enrolment

## Audit and inspection

audit-means = Every change is an event in a chain that anybody can prove, away from this server, with
audit-export = Export these events
audit-chain = Show
audit-changes = Changes
audit-looks = Who read what
audit-kind = Kind
audit-stream = About
audit-hash = Hash
audit-before = Hash before
audit-session = Session
audit-program = Program
audit-payload = What it says
audit-event = Event { $number }
audit-none = No events
audit-stopped = The search stopped after many events. Go on with Next.
inspection = Inspection room
inspection-means = Everything of this study can be read from here. Nothing can be changed.
inspection-definition = what is recorded, in every version
inspection-subjects = what was recorded, with the history of each value
inspection-queries = what was asked and answered
inspection-access = who could do what, at any date
inspection-audit = what happened, event by event, and who read what
inspection-data = copies to take along
inspection-verify = The chain of events is proved with

## My account

codes = Codes of a device
codes-means = With an authenticator app, a password alone lets nobody in.
codes-set-up = Set up codes
codes-how = Enter this secret in your authenticator app, then type the code that it shows.
codes-old = Code of the old device
codes-old-hint = Only if codes are set up already
codes-first = Code of the new device
codes-confirm = Ask for codes from now on
codes-recovery = Recovery codes
codes-recovery-means = Keep these where only you can reach them. Each works once, when the device is not at hand. They are shown only now.
key-make = Make a key
key-name = What the key is for
key-days = Days that it lives
key-may = What it may do, where you may
key-made = Key { $name }
key-made-means = A program sends it as Authorization: Bearer. It is shown only now.
key-until = It ends
key-end = End it
key-ended = Key { $name } has ended
keys-of-programs = Keys of programs

## Import and export

export = Export
export-format = Format
export-csv = CSV, a file an item group
export-xlsx = Excel workbook, a sheet an item group
export-dataset-json = Dataset-JSON 1.1
export-odm = ODM { $version }
export-odm-audit = ODM { $version } with audit records, signatures and queries
export-history = Values, changes, queries, verification and signatures as CSV
export-events = Events as JSON lines, with how to prove them
export-casebook = Casebooks, a PDF a subject
export-blank = Blank casebooks of every version
export-site-copy = The investigator's copy of a site: casebooks, data and history, to be read without croft
export-inspection-copy = The inspection copy: everything of the study, to be read without croft
export-large = One request ends after a minute. What takes longer is written to a folder by
export-part = What
export-study = The whole study
export-site = Site { $site }
export-means = One archive with the hashes of its files. That you took it, and its hash, stand in the study's access log. What identifies a person is in none of them.
export-deed = Make the export
import-where = Definitions and data of other systems come in on the command line, with

## What a version does to recorded data

effect = What it would do to recorded data
effect-what = What happens
effect-where = To what
effect-values = Values
effect-none = Nothing: every recorded form fits as it stands.
effect-looked = { $forms } forms of { $subjects } subjects were looked at. Nothing recorded is rewritten: a form keeps its version until it is saved again.
effect-partial = Others were not looked at.
effect-no-place = Has no place any more
effect-no-longer-fits = No longer fits its type or codes
effect-wanted = Is wanted and not filled
effect-asks = A check asks anew
effect-refuses = A check refuses
effect-settles = A check asks no longer
effect-computes = Computes another value

## Randomisation

rnd-none = No scheme is sealed
rnd-none-hint = The unblinded statistician seals one: croft vault seal.
rnd-scheme = Scheme
rnd-sealed = Sealed
rnd-factors = Factors
rnd-no-factors = No factors
rnd-randomised = Randomised
rnd-randomised-here = Randomised at your sites
rnd-cap-study = Most in the study
rnd-cap-site = Most at a site
rnd-no-cap = no limit
rnd-closed = Closed strata
rnd-subjects = Randomised subjects
rnd-subjects-none = Nobody is randomised yet.
rnd-breaks = Register of code breaks
rnd-breaks-none = No code was broken.
rnd-levels = Levels
rnd-number = Randomisation number
rnd-not-yet = not randomised
rnd-when = When
rnd-by = By
rnd-arm = Arm
rnd-treatment = Treatment
rnd-codes = Treatment codes
rnd-title = Randomise { $subject }
rnd-conditions = What must be recorded before
rnd-conditions-none = Nothing.
rnd-met = met
rnd-unmet = not met
rnd-not-recorded = not recorded
rnd-means = The subject is given a randomisation number, which cannot be taken back. The treatment stays blind.
rnd-deed = Randomise { $subject }
rnd-done = { $subject } is randomised: { $number }
notice-broken = The code of { $subject } at site { $site } was broken.
notice-why = Reason
notice-blind = What the code said was told to the person who broke it and to nobody else.
notice-acknowledge = Acknowledge the code break of { $subject }
notice-acknowledged = Acknowledged. It stands in the register.
notice-seen = Acknowledged by
break-title = Break the code of { $subject }
break-not-randomised = The subject is not randomised: there is no code to break.
break-means = You will be told what this subject takes, and nobody else will. That the code was broken, by whom and why, is seen by everybody who may see the study.
break-why = What happened, and why the treatment must be known
break-deed = Break the code of { $subject }
break-told = The code of { $subject } is broken
break-told-means = This page is shown once. Do not tell the treatment to anybody who does not need it for the subject's care.
codes-mean = Every code of the study is shown, once. That you read them, and what for, stands in the audit trail.
codes-what = What they are read for
codes-deed = Show the codes
unblind-ask = Ask for the study to be unblinded
unblind-why = Why it is unblinded now
unblind-two = Two people unblind a locked study: one asks, another agrees.
unblind-waits = Unblinding waits for a second person. Asked by { $name }
unblind-agree = Agree to unblind the study
unblind-asked-now = Asked. Another person must agree.
unblinded-now = The study is unblinded.
unblinded-by = Unblinded: { $one } asked, { $two } agreed.

## Scheme designer

designer = Scheme designer
designer-means = Designs are set side by side: how often an investigator guesses the next treatment, and how far the arms stray from balance. Nothing sealed is read here.
designer-design = Design { $letter }
designer-kind = Design
designer-none = none
designer-simple = Simple randomisation
designer-permuted = Permuted blocks
designer-random = Permuted blocks of random length
designer-allocation = Random allocation rule
designer-truncated = Truncated binomial
designer-coin = Efron's biased coin
designer-tolerance-coin = Chen's biased coin with tolerance
designer-urn = Wei's urn
designer-stick = Big stick
designer-maximal = Maximal procedure
designer-minimisation = Minimisation
designer-lengths = Block lengths
designer-weights = Weights of the lengths, if not alike
designer-probability = Probability p
designer-tolerance = Tolerance b
designer-initial = Balls at the beginning α
designer-added = Balls added β
designer-factors = Factors that are balanced
designer-factors-hint = One a line: sex: F, M; weight 2; prevalence 2, 1
designer-measure = Measure of imbalance
designer-range = Range
designer-deviation = Standard deviation
designer-variance = Variance
designer-ties = Arms that tie share p
designer-others = Others share 1 − p
designer-equal = equally
designer-by-ratio = by the ratio
designer-trial = Trial
designer-n = Subjects of a stratum
designer-n-hint = 500 at most.
designer-ratio = Ratio
designer-trials = Simulated trials
designer-seed = Seed of the simulation
designer-strata = Factors that make strata
designer-strata-hint = One a line: site: 101, 201. The list of each stratum is its own; without factors there is one.
designer-show = Show the designs
designer-compared = Properties of the designs
designer-property = Property
designer-converging = Correct guesses, convergence strategy, %
designer-diverging = Correct guesses, divergence strategy, %
designer-forced = Forced allocations, %
designer-mean-left = Mean imbalance at the end
designer-largest = Mean of the largest imbalance
designer-loss = Loss, subjects
designer-one-less-other = Mean of first less second arm
designer-how = Found
designer-exact = exactly
designer-simulated = by { $trials } simulated trials, seed { $seed }
designer-notes = { $strata ->
    [one] The numbers are of the one stratum.
   *[other] The numbers are of one of { $strata } strata.
  } Convergence bets on the arm with the fewest subjects so far, divergence on the one with the most. Imbalance is the largest less the smallest number of subjects by unit of the ratio. ± is a standard error.
designer-levels = Imbalance left in each level, design { $letter }
designer-factor = Factor
designer-level = Level
designer-error = Standard error
designer-subjects = Subjects
designer-guesses = Correct guesses so far, convergence strategy
designer-guesses-up = correct, %
designer-imbalance = Mean imbalance by subject
designer-imbalance-up = mean imbalance
designer-left = Imbalance at the end
designer-left-across = Imbalance after all subjects
designer-left-up = probability, %
designer-seal = Seal design { $letter }
designer-take = Take design { $letter }
designer-scheme = Scheme
designer-scheme-hint = To be copied, or changed and sealed. Blinded people must not see it.
designer-setup = Setup
designer-setup-hint = What everybody may know: conditions, where each factor's level is recorded, caps.
designer-note = What it is for
designer-seal-deed = Seal the scheme
designer-sealed = Scheme { $version } is sealed.

## Supply

supply-unplanned = The supply of this study is not planned.
supply-proposed = Should be sent now
supply-to-site = To site { $site }
supply-short = The depot has fewer kits than this site needs.
supply-send-these = { $count ->
    [one] Send 1 kit to { $site }
   *[other] Send { $count } kits to { $site }
}
supply-accounts = Accounts
supply-no-kits = No kit is registered.
supply-place = Place
supply-came = Came
supply-went = Sent on
supply-on-the-way = On the way
supply-at-hand = At hand
supply-quarantined = Quarantined
supply-dispensed = Dispensed
supply-returned = Returned
supply-destroyed = Destroyed
supply-lost = Lost
supply-balance = Balance
supply-in-depot = In the depot
supply-at-site = At the site
supply-shipments = Shipments
supply-shipment = Shipment
supply-shipment-title = Shipment { $number }
supply-from = From
supply-to = To
supply-sent = Sent
supply-received = Received
supply-received-excursion = Received, held for its temperature
supply-state = State
supply-kits = Kits
supply-kit = Kit
supply-kits-hint = Numbers, with blanks or commas between them.
supply-lot = Lot
supply-kit-title = Kit { $number }
supply-history = What was done with it
supply-when = When
supply-by = By
supply-registered = Registered
supply-sent-on = Sent
supply-held-at-receipt = Received and held
supply-released = Released
supply-expires = Use until
supply-more = { $count } more kits are counted and not listed.
supply-send = Send kits
supply-sent-now = Shipment { $number } is on the way.
supply-move = Hold, release, take back, destroy
supply-move-deed = Record it
supply-moved = Recorded.
supply-deed = What is done
supply-deed-quarantine = Quarantine
supply-deed-release = Release from quarantine
supply-deed-return = Take back from the subject
supply-deed-destroy = Destroy
supply-deed-lose = Tell lost
supply-units = Units that came back
supply-units-hint = For a return: tablets or the like, counted.
supply-why = Why
supply-receive = Receive the shipment
supply-receive-hint = Every kit that is not named below has arrived as it should.
supply-excursion = It was too warm or too cold on the way: all of it is held
supply-held = Damaged kits, to be held
supply-missing = Kits that were missing
supply-seen = What was seen
supply-received-now = Shipment { $number } is received.
dispense-title = Dispense to { $subject }
dispense-given = Given so far
dispense-not-randomised = The subject is not randomised.
dispense-count = Kits
dispense-deed = Dispense
dispense-done = Give the subject: { $kits }
