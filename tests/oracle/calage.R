# What R's `survey` package makes of the oracle's data once some organismes are calibrated.
#   Rscript calage.R DATA_FOLDER RESULTS_FOLDER
# The top of survey.R first: it reads the data and gives each interview its stratum and its weight, not calibrated.
arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
lines <- readLines(file.path(dirname(script), "survey.R"))
eval(parse(text = lines[seq_len(grep("^# --- perimeters", lines) - 1)]))

margins <- read("marges")
margins$parc <- as.numeric(margins$parc)
calibrated <- unique(margins[c("vague", "organisme_code")])

rake_one <- function(wave, code) {
  rows <- people[people$vague == wave & people$organisme == code, ]
  mine <- svydesign(ids = ~1, strata = ~h, weights = ~w, fpc = ~N, data = rows)
  own <- margins[margins$vague == wave & margins$organisme_code == code, ]
  stock <- sum(rows$w)
  population <- lapply(split(own, own$axe), function(known) {
    axis <- known$axe[1]
    nobody <- sum(rows$w[rows[[axis]] == "NR"]) # who did not say keep the share they have
    target <- data.frame(segment = known$segment, Freq = known$parc / sum(known$parc) * (stock - nobody))
    if (nobody > 0) target <- rbind(target, data.frame(segment = "NR", Freq = nobody))
    setNames(target, c(axis, "Freq"))
  })
  if (rows$institut[1] != "J") { # weights of the plan keep its strata
    kept <- aggregate(w ~ strate, rows, sum)
    population <- c(population, list(setNames(kept, c("strate", "Freq"))))
  }
  sample <- lapply(population, function(target) as.formula(paste0("~", names(target)[1])))
  rake(mine, unname(sample), unname(population), control = list(maxit = 5000, epsilon = 1e-14))
}

raked <- Map(rake_one, calibrated$vague, calibrated$organisme_code)
poids <- do.call(rbind, lapply(raked, function(d) {
  cbind(d$variables[c("vague", "organisme", "strate", "construction", "age")], poids = weights(d))
}))
write(poids, "calage_poids")

estimates <- do.call(rbind, lapply(raked, function(d) {
  rows <- d$variables
  rows$w <- weights(d)
  given <- svydesign(ids = ~1, strata = ~h, weights = ~w, fpc = ~N, data = rows)
  do.call(rbind, lapply(setdiff(questions$question, multiple), function(q) {
    names <- paste0(q, c(".note", ".taux"))
    names <- names[vapply(names, function(y) any(!is.na(rows[[y]])), NA)]
    do.call(rbind, lapply(names, function(y) {
      of <- as.formula(paste0("~", y))
      # as published: the calibrated weights, taken as given; and as survey does, with the calibration in the variance
      m <- svymean(of, given, na.rm = TRUE)
      aware <- svymean(of, d, na.rm = TRUE)
      data.frame(rows[1, c("vague", "organisme")], question_code = q, mesure = sub(".*[.]", "", y),
                 valeur = coef(m), erreur_type = as.vector(SE(m)), erreur_type_calee = as.vector(SE(aware)))
    }))
  }))
}))
write(estimates, "calage")
