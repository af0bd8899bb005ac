# What R's `survey` package makes of the oracle's data.
#   Rscript survey.R DATA_FOLDER RESULTS_FOLDER
# Weights and collapsed strata are read from strates.csv, where they are written by hand: no rule of the warehouse is
# applied here.
suppressPackageStartupMessages(library(survey))
# Only an organisme of one interview is still alone in its stratum: it adds nothing to the variance.
options(survey.lonely.psu = "certainty", stringsAsFactors = FALSE)

arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
results <- arguments[2]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), colClasses = "character")
write <- function(table, name) {
  numbers <- vapply(table, is.double, NA)
  table[numbers] <- lapply(table[numbers], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(table, file.path(results, paste0(name, ".csv")), row.names = FALSE, quote = FALSE, na = "", eol = "\n")
}

questions <- read("questions")
options_of <- split(read("modalites"), read("modalites")$echelle)
scale_of <- setNames(questions$echelle, questions$question)
multiple <- questions$question[questions$echelle == "MOT"]

# --- the design: one row per interview, both waves, strata as they stand for the variance ------------------------------
strata <- read("strates")
strata$population <- as.numeric(strata$population)
id <- function(table, stratum) paste(table$vague, table$organisme, table[[stratum]])
represented <- tapply(strata$population, id(strata, "strate_poids"), sum)
own <- strata[strata$strate_variance != "", ]
# a stratum with nobody gives its population to another one; the collapsed stratum has the sum
own$represented <- represented[id(own, "strate")]
collapsed <- tapply(own$represented, id(own, "strate_variance"), sum)
own$collapsed <- collapsed[id(own, "strate_variance")]

people <- read("entretiens")
place <- match(id(people, "strate"), id(own, "strate"))
people$h <- id(own, "strate_variance")[place]
people$N <- own$collapsed[place]
n <- table(id(people, "strate"))
people$w <- own$represented[place] / as.vector(n[id(people, "strate")])

members <- read("organismes")
at <- match(paste(people$vague, people$organisme), paste(members$vague, members$organisme))
people$institut <- members$institut[at]
# delivered weights are rescaled to the stock of the organisme
delivered <- people$institut == "J"
people$w[delivered] <- as.numeric(people$poids[delivered])
stock <- tapply(strata$population, paste(strata$vague, strata$organisme), sum)
total <- tapply(people$w, paste(people$vague, people$organisme), sum)
who <- paste(people$vague, people$organisme)
people$w[delivered] <- (people$w * stock[who] / total[who])[delivered]
stopifnot(all.equal(as.vector(tapply(people$w, who, sum)), as.vector(stock[sort(unique(who))])))

people$tous <- "tous"
for (axis in c("construction", "age")) people[[axis]][people[[axis]] == ""] <- "NR"
axes <- c(ensemble = "tous", construction = "construction", age = "age")

for (q in setdiff(questions$question, multiple)) {
  known <- options_of[[scale_of[q]]]
  line <- match(people[[q]], known$modalite)
  notes <- ifelse(people$institut == "J", known$note_J[line], known$note_I[line])
  people[[paste0(q, ".note")]] <- as.numeric(notes)
  people[[paste0(q, ".taux")]] <- as.numeric(known$est_satisfait[line] == "oui")
}
said <- function(q, option) vapply(strsplit(people[[q]], "|", fixed = TRUE), function(all) option %in% all, NA)
for (q in questions$question) {
  codes <- options_of[[scale_of[q]]]$modalite
  for (code in codes) people[[paste(q, code, sep = ".is.")]] <- as.numeric(said(q, code))
  people[[paste0(q, ".exprime")]] <- rowSums(people[paste(q, codes, sep = ".is.")]) > 0
}
design <- svydesign(ids = ~1, strata = ~h, weights = ~w, fpc = ~N, data = people)

# --- perimeters: who is in, wave by wave ------------------------------------------------------------------------------
now <- members[members$vague == "V2", ]
both <- intersect(now$organisme, members$organisme[members$vague == "V1"])
comparable <- function(of) { # family and département are today's, on both sides
  today <- now[match(of, now$organisme), ]
  data.frame(famille = today$famille, departement = today$departement, actuel = today$organisme)
}
before <- members[members$vague == "V1", ]
cast <- rbind(
  data.frame(methode = "publie", members[c("vague", "organisme", "famille", "departement")], actuel = members$organisme),
  data.frame(methode = "panel_constant", vague = rep(c("V1", "V2"), each = length(both)), organisme = c(both, both),
             comparable(c(both, both))),
  data.frame(methode = "pro_forma", before[c("vague", "organisme")], comparable(before$successeur)),
  data.frame(methode = "pro_forma", vague = "V2", organisme = unique(before$successeur),
             comparable(unique(before$successeur)))
)
perimeters <- do.call(rbind, lapply(c("region", "famille", "departement", "organisme"), function(type) {
  code <- switch(type, region = rep("region", nrow(cast)), organisme = cast$actuel, cast[[type]])
  data.frame(perimetre_type = type, perimetre = code, cast[c("methode", "vague", "organisme")])
}))
perimeters <- perimeters[!(perimeters$methode == "panel_constant" & perimeters$perimetre_type == "organisme"), ]

# --- estimates of one wave ---------------------------------------------------------------------------------------------
measures <- function(q) {
  all <- paste0(q, c(".note", ".taux"))
  if (q %in% multiple) character() else all[vapply(all, function(y) any(!is.na(people[[y]])), NA)]
}
domain_of <- function(keep, q) design[keep & people[[paste0(q, ".exprime")]], ]

estimate <- function(q, keep, axis) {
  domain <- domain_of(keep, q)
  if (!nrow(domain)) return(NULL)
  rows <- domain$variables
  segment <- rows[[axes[axis]]]
  sums <- function(x) as.vector(tapply(x, segment, sum))
  out <- data.frame(
    axe = axis, segment = sort(unique(segment)), question_code = q,
    nb_organismes = as.integer(tapply(rows$organisme, segment, function(x) length(unique(x)))),
    base_brute = as.integer(table(segment)),
    base_ponderee = sums(rows$w), base_efficace = sums(rows$w)^2 / sums(rows$w^2)
  )
  for (y in c("note", "taux")) {
    name <- paste0(q, ".", y)
    if (name %in% measures(q)) {
      by <- svyby(as.formula(paste0("~", name)), as.formula(paste0("~", axes[axis])), domain, svymean)
      stopifnot(identical(as.character(by[[axes[axis]]]), out$segment))
      out[[y]] <- unname(coef(by))
      out[[paste0(y, "_erreur_type")]] <- unname(as.vector(SE(by)))
      if (axis == "ensemble") check_ratio(name, keep, q, by)
    } else {
      out[[y]] <- out[[paste0(y, "_erreur_type")]] <- NA_real_
    }
  }
  out
}

# The same domain mean as a ratio of totals over the whole sample: survey's other way to it.
check_ratio <- function(name, keep, q, by) {
  inside <- as.numeric(keep & people[[paste0(q, ".exprime")]])
  whole <- update(design, top = ifelse(inside == 1, people[[name]], 0), bottom = inside)
  ratio <- svyratio(~top, ~bottom, whole)
  stopifnot(all.equal(as.vector(coef(ratio)), unname(coef(by)), tolerance = 1e-12))
  stopifnot(all.equal(as.vector(SE(ratio)), as.vector(SE(by)), tolerance = 1e-9))
}

shares <- function(q, keep, axis) {
  domain <- domain_of(keep, q)
  if (!nrow(domain)) return(NULL)
  codes <- options_of[[scale_of[q]]]$modalite
  names <- paste(q, codes, sep = ".is.")
  by <- svyby(as.formula(paste("~", paste(names, collapse = "+"))), as.formula(paste0("~", axes[axis])), domain, svymean)
  do.call(rbind, lapply(seq_along(codes), function(i) {
    data.frame(axe = axis, segment = by[[axes[axis]]], question_code = q, modalite_code = codes[i], part = by[[names[i]]])
  }))
}

over <- function(rows, f) do.call(rbind, lapply(seq_len(nrow(rows)), function(i) f(rows[i, ])))
each_cell <- function(f, of_axes) {
  published <- unique(perimeters[perimeters$methode == "publie", c("vague", "perimetre_type", "perimetre")])
  over(published, function(p) {
    keep <- people$vague == p$vague & people$organisme %in% merge(perimeters[perimeters$methode == "publie", ], p)$organisme
    cells <- expand.grid(question = questions$question, axis = of_axes)
    found <- over(cells, function(cell) f(as.character(cell$question), keep, as.character(cell$axis)))
    cbind(p, found, row.names = NULL)
  })
}
write(each_cell(estimate, names(axes)), "satisfaction")
write(each_cell(shares, c("ensemble", "construction")), "repartition")

# --- differences of two waves: a contrast of two domains of one design --------------------------------------------------
difference <- function(name, domain) {
  by <- svyby(as.formula(paste0("~", name)), ~vague, domain, svymean, covmat = TRUE)
  contrast <- svycontrast(by, c(-1, 1)) # V2 - V1, in the order of the waves
  c(coef(contrast), SE(contrast))
}
# Two waves without error differ only if they are different; a difference of 1e-12 is the last digit of two sums.
p_value <- function(gap, error) if (error > 1e-12) 2 * pnorm(-abs(gap / error)) else as.numeric(abs(gap) < 1e-12)
compared <- unique(perimeters[c("methode", "perimetre_type", "perimetre")])
evolution <- over(compared, function(p) {
  inside <- merge(perimeters, p)
  keep <- who %in% paste(inside$vague, inside$organisme)
  cells <- expand.grid(question = setdiff(questions$question, multiple), axis = names(axes))
  over(cells, function(cell) {
    q <- as.character(cell$question)
    axis <- as.character(cell$axis)
    domain <- domain_of(keep, q)
    found <- lapply(setdiff(sort(unique(domain$variables[[axes[axis]]])), "NR"), function(s) {
      part <- domain[domain$variables[[axes[axis]]] == s, ]
      if (length(unique(part$variables$vague)) < 2) return(NULL)
      organismes <- tapply(part$variables$organisme, part$variables$vague, function(x) length(unique(x)))
      note <- if (paste0(q, ".note") %in% measures(q)) difference(paste0(q, ".note"), part) else c(NA, NA)
      rate <- difference(paste0(q, ".taux"), part)
      judged <- if (is.na(note[1])) rate else note
      data.frame(p, axe = axis, segment = s, question_code = q, nb_organismes_minimum = as.integer(min(organismes)),
                 ecart_note = note[1], erreur_type = note[2], ecart_taux = rate[1], erreur_type_taux = rate[2],
                 p_valeur = p_value(judged[1], judged[2]))
    })
    do.call(rbind, found)
  })
})
write(evolution, "evolution")
