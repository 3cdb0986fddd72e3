"""Kernel: what postings and profiles say besides the work itself."""

EMPLOYER_LINES: dict[str, tuple[str, ...]] = {
    "hospital": (
        "{company} has 420 beds and an emergency department that never closes.",
        "Every year {company} treats more than 60,000 people from {city} and the villages around it.",
    ),
    "clinic": (
        "{company} is a small outpatient practice where patients are known by name.",
        "Twelve of us see some ninety patients a day at {company}.",
    ),
    "care provider": (
        "{company} supports older and disabled people in their own homes and in small residences.",
        "At {company} we would rather keep one family for ten years than win ten new ones.",
    ),
    "school": (
        "{company} has 640 pupils who speak thirty languages between them.",
        "{company} is an ordinary school with an unusually steady staff room.",
    ),
    "university": (
        "{company} teaches 18,000 students and runs four research centres.",
        "Teaching and research share the same corridor at {company}.",
    ),
    "city council": (
        "{company} looks after streets, schools, parks and housing for everyone who lives in {city}.",
        "Public service in {city}: our decisions are discussed in the local paper, and that is fine with us.",
    ),
    "government agency": (
        "{company} is a public authority with offices in nine cities.",
        "What {company} decides affects several million households.",
    ),
    "construction firm": (
        "{company} builds housing, schools and the occasional bridge.",
        "Third-generation family business, 85 people, forty sites a year: that is {company}.",
    ),
    "manufacturer": (
        "{company} makes parts that you have certainly used and never noticed.",
        "Our plant in {city} runs two lines and ships to thirty countries.",
    ),
    "logistics company": (
        "{company} moves eleven thousand pallets a day and knows where each of them is.",
        "From our depot near {city} we serve shops, hospitals and front doors.",
    ),
    "airline": (
        "{company} flies a young fleet to sixty destinations.",
        "Two hundred departures a day, and every one of them counts at {company}.",
    ),
    "shipping line": (
        "{company} operates twenty-two vessels between northern ports and the rest of the world.",
        "We have been at sea for ninety years and still learn something on every voyage.",
    ),
    "railway": (
        "{company} carries 400,000 people to work and home again every day.",
        "Punctuality at {company} is made by people you never see from the platform.",
    ),
    "hotel group": (
        "{company} welcomes guests in fourteen houses, from city hotel to lakeside resort.",
        "Our house in {city} has 180 rooms, a spa and a bar that locals actually visit.",
    ),
    "restaurant group": (
        "{company} runs six places to eat, all of them full on Fridays.",
        "We cook from scratch, close on Mondays and share tips fairly.",
    ),
    "retailer": (
        "{company} has sold to the same neighbourhoods for three generations.",
        "With 240 branches and a growing online business, {company} serves a million households.",
    ),
    "bank": (
        "{company} finances homes and small businesses across the region.",
        "People trust {company} with their savings; we take that literally.",
    ),
    "insurer": (
        "{company} insures cars, homes and firms, and pays when it matters.",
        "One in twelve families here has a policy with {company}.",
    ),
    "consultancy": (
        "{company} advises public bodies and family firms, not only the largest groups.",
        "Small project teams, clear mandates and no slide for its own sake: {company}.",
    ),
    "law firm": (
        "{company} has eighteen partners and works mostly for mid-sized clients.",
        "We argue in court less often than our letters suggest.",
    ),
    "agency": (
        "{company} works for forty clients, from the bakery next door to two listed groups.",
        "On behalf of one of our clients in {city}, {company} is filling this post.",
    ),
    "software company": (
        "{company} makes software that 3,000 firms open every morning.",
        "Eighty people, one product, releases every week: this is {company}.",
    ),
    "start-up": (
        "{company} is four years old, funded and close to breaking even.",
        "We are nineteen people in {city} with more ideas than desks.",
    ),
    "media house": (
        "{company} publishes in print, online and on air.",
        "Two million people read, watch or hear something by {company} every week.",
    ),
    "theatre": (
        "{company} brings sixteen new productions to the stage each season.",
        "A house with 900 seats, two stages and its own workshops.",
    ),
    "museum": (
        "{company} keeps 70,000 objects and shows a fortieth of them.",
        "School classes in the morning, researchers in the afternoon: that is our week at {company}.",
    ),
    "laboratory": (
        "{company} analyses two thousand samples a day for clinics and industry.",
        "Accredited, curious and well equipped: {company}.",
    ),
    "energy company": (
        "{company} supplies power and heat and is rebuilding its network for what comes next.",
        "Keeping the lights on in {city} is our job, at three in the morning too.",
    ),
    "farm": (
        "{company} works 600 hectares and sells a good part of the harvest directly.",
        "We farm in the third generation, with new machines and old trees.",
    ),
    "engineering office": (
        "{company} plans and supervises projects from the first sketch to handover.",
        "Thirty specialists, one open-plan floor and a plotter that is never idle.",
    ),
    "workshop": (
        "{company} is a small business with a full order book.",
        "Six people, a well-kept workshop and regulars who bring cake.",
    ),
    "security company": (
        "{company} protects sites, events and people around the clock.",
        "Our customers sleep well because {company} does not.",
    ),
    "facility services": (
        "{company} keeps offices, clinics and schools clean, warm and working.",
        "We look after 300 buildings, most of them before anyone else is awake.",
    ),
    "property company": (
        "{company} lets and maintains 9,000 flats.",
        "Building, letting, selling: {company} covers the whole life of a house.",
    ),
    "charity": (
        "{company} lives on donations and on the people who give their time.",
        "Since 1984 {company} has been there for those whom others overlook.",
    ),
    "telecom company": (
        "{company} brings fibre and mobile coverage to places that waited long for it.",
        "Four million customers call, stream and work over our network.",
    ),
    "mining company": (
        "{company} extracts raw materials and restores the land afterwards.",
        "Safety is the first item of every shift meeting at {company}.",
    ),
}

OPENINGS = (
    "We are hiring: {title}.", "Our team in {city} is growing.", "Position: {title}, based in {city}.",
    "Somebody is retiring after a long time with us, and we are looking for a successor.",
    "Would you like to work with us in {city}?", "To strengthen our team we are filling this post: {title}.",
    "This is a new post, created because there is more to do than we can manage.",
    "{title} wanted, to start as soon as you can.",
    "We need a colleague who knows what to do without being told twice.",
    "Come and work with people who enjoy what they do.", "Vacancy: {title}.",
)  # fmt: skip
DUTY_HEADINGS = (
    "Your tasks", "What you will do", "Responsibilities", "The work", "Day to day", "What awaits you", "Main duties",
    "In this role you will", "Duties include", "A typical week",
)  # fmt: skip
SKILL_HEADINGS = (
    "What you bring", "You should know about", "We expect experience with", "Useful knowledge", "Your profile",
    "Requirements", "Ideally you are familiar with",
)  # fmt: skip
BENEFITS = (
    "Thirty days of holiday.", "A pension scheme with a proper employer's share.", "Subsidised public transport.",
    "Overtime is written down and paid.", "A company bicycle, also for private use.",
    "Permanent contract from day one.",
    "Fair rosters, published six weeks ahead.", "Paid training days every year.", "Free coffee and a decent canteen.",
    "Staff discount.", "Sick pay above the legal minimum.", "A mentor for your first three months.",
    "Help with finding somewhere to live.", "Childcare places nearby.", "An annual bonus when the year went well.",
    "Private health cover.", "Flexible start and finish times where the job allows.", "A quiet, well-lit workplace.",
    "Work clothes provided and washed.", "Thirteen salaries a year.", "Sabbaticals after five years.",
    "Short decisions and open doors.", "A gym card.", "Parking on site.", "Team outings that nobody dreads.",
)  # fmt: skip
CLOSINGS = (
    "Send us your CV; a cover letter is not needed.", "Questions? Ring us, we like talking.",
    "We reply within ten days.",
    "Please apply online and quote reference {reference}.", "Interviews start as soon as applications arrive.",
    "Tell us your earliest starting date.", "Applicants of every background are welcome.",
    "No agencies, please.", "We look forward to hearing from you.", "Apply with reference {reference}.",
)  # fmt: skip
SHIFT_LINES = (
    "The post includes shifts, among them nights and weekends.", "Rotating shifts with allowances.",
    "Early, late and weekend duty by roster.",
)  # fmt: skip

VAGUE_HEADLINES = (
    "Open to new opportunities", "Looking for the next step", "Ready for a change", "Currently on the lookout",
    "Experienced professional", "Available from next month", "Always learning", "Team player with heart and mind",
    "Happy where I am, but curious", "Back at work after parental leave", "New in town",
)  # fmt: skip
INTERNAL_TITLES: dict[str, tuple[str, ...]] = {
    "entry": ("Trainee", "Assistant I", "Junior team member", "Starter, {skill}", "Apprentice, {skill}"),
    "mid": ("Associate II", "Team member, {skill}", "Grade 5", "Specialist {skill}", "Employee, {skill}", "Staff"),
    "senior": ("Senior associate", "Senior, {skill}", "Grade 7", "Lead expert {skill}", "Deputy team lead"),
    "lead": ("Team lead", "Head of unit", "Manager III", "Lead, {skill}", "Department head, {skill}"),
}
MEMBER_LINES = (
    "I am reliable, and colleagues like working with me.", "I am looking for a team that laughs now and then.",
    "A short way to work matters to me.", "I learn quickly and ask when I do not know.", "References on request.",
    "I would like to stay somewhere for a long time.", "I bring {years} years of experience.",
    "My strengths: {skills}.", "I know my way around {skills}.", "After a move I am looking for something nearby.",
    "Outside work I cycle, cook and coach a youth team.", "Currently refreshing my knowledge of {skills}.",
)  # fmt: skip
TASK_LEADS = ("", "", "My tasks: ", "What I did: ", "Responsible for the following. ", "Mostly this: ", "Focus: ")
